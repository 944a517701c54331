internal import CMimalloc
import Glibc

/// The process's limit of open descriptors.
enum FileLimit {
    /// Raises the soft limit as far as is allowed and returns it.
    static func raise() -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return 1024 }
        limit.rlim_cur = limit.rlim_max
        unsafe setrlimit(resource, &limit)
        unsafe getrlimit(resource, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}

/// The absolute path, by the current working directory, so that it names the same file from any
/// other; `-` (standard input), and a path whose working directory was removed, are not changed.
public func absolutePath(_ path: String) -> String {
    guard path != "-", !path.hasPrefix("/") else { return path }
    guard let buffer = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(buffer) }
    let folder = unsafe String(cString: buffer)
    guard folder.hasPrefix("/") else { return path }
    return (folder.hasSuffix("/") ? folder : folder + "/") + path
}

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
