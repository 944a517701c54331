internal import CMimalloc

/// mimalloc, which replaces the system's allocator in the whole program: the libraries, above all
/// OpenSSL, spend a tenth of a probe in malloc and free.
///
/// Linking is enough; the call for its version keeps the linker from dropping it. `CAllocator` ends
/// the program where the system gives no more memory.
enum Allocator {
    /// Such as `mimalloc/2.0.9`.
    static var version: String {
        let number = mi_version()
        return "mimalloc/\(number / 100).\(number / 10 % 10).\(number % 10)"
    }
}
