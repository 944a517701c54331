internal import COpenSSL

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
