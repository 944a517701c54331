internal import CMimalloc
import Glibc

/// mimalloc, which takes the place of the system's allocator in the whole program: the libraries,
/// above all OpenSSL, spend a tenth of a probe in malloc and free.
///
/// It does so by being linked; asking for its version is what keeps the linker from leaving it out.
public enum Allocator {
    /// Such as `mimalloc/2.0.9`.
    static var version: String {
        let number = mi_version()
        return "mimalloc/\(number / 100).\(number / 10 % 10).\(number % 10)"
    }

    /// EX_OSERR of sysexits.h.
    private static let shortageCode: Int32 = 71

    /// Has the program end with a message and code 71 when the system gives no more memory, which
    /// neither Swift nor the libraries can go on without.
    ///
    /// What is committed of a scan is on the disk then, as after a kill.
    public static func endsProgramOnShortage() {
        mi_register_error(
            { error, _ in
                guard error == ENOMEM || error == EOVERFLOW else { return }
                // Without any memory: no string is made here.
                let message: StaticString = """
                    stsurvey: error: the system gave no more memory (see 'ulimit -v', and memory.max \
                    of the control group); a scan can be resumed from its last checkpoint

                    """
                write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
                _exit(Allocator.shortageCode)
            }, nil)
    }
}
