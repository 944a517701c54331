internal import COpenSSL
import Glibc

/// OpenSSL as this process uses it, libcurl included: without the machine's configuration.
///
/// `openssl.cnf` may set the security level, versions, cipher lists and providers: with it a
/// verdict would depend on the machine.
public enum TLSLibrary {
    /// Prepares OpenSSL, once; to be called before another library does.
    public static func prepare() { _ = ReducedProvider.isLoaded }

    /// The version that is linked at run time.
    public static var version: String { unsafe String(cString: OpenSSL_version(OPENSSL_VERSION)) }

    /// Keeps OpenSSL from ever reading its configuration: later requests for that have no effect.
    static func ignoreConfiguration() {
        OPENSSL_init_crypto(UInt64(OPENSSL_INIT_NO_LOAD_CONFIG), nil)
    }
}

func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }
}

func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }

/// The last entry of OpenSSL's error queue, as a value.
struct OpenSSLError {
    let code: UInt

    /// Takes the last error and empties the queue.
    static func take() -> OpenSSLError {
        let error = OpenSSLError(code: ERR_peek_last_error())
        ERR_clear_error()
        return error
    }

    var isNone: Bool { code == 0 }
    var isSystem: Bool { code != 0 && copenssl_error_is_system(code) != 0 }
    /// The peer ended the stream in the middle of the handshake.
    var isEndOfFile: Bool {
        !isSystem && copenssl_error_reason(code) == SSL_R_UNEXPECTED_EOF_WHILE_READING
    }

    /// A PEM file has no further block.
    var isNoStartLine: Bool { copenssl_error_is_no_start_line(code) != 0 }

    var message: String {
        guard !isNone else { return "no error recorded" }
        if let reason = unsafe ERR_reason_error_string(code) {
            return unsafe String(cString: reason)
        }
        return "error \(code)"
    }
}
