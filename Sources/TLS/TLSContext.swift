internal import COpenSSL

/// The context of all sessions of a loop with MX hosts.
///
/// Its own trust store is empty: chains are verified by a ``ChainVerifier``.
@safe public final class TLSContext {
    let context: OpaquePointer

    /// A context for sessions with MX hosts.
    public init() {
        TLSLibrary.prepare()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            preconditionFailure("no TLS: \(OpenSSLError.take().message)")
        }
        unsafe self.context = context
        unsafe TLSProfile.mxHost.configure(context)
        unsafe copenssl_ctx_release_buffers(context)
        unsafe SSL_CTX_dane_enable(context)
    }

    deinit { unsafe SSL_CTX_free(context) }
}

/// Prepares a context that another library makes for one connection; `handshake` must outlive it.
public func prepareContext(_ pointer: UnsafeMutableRawPointer, for handshake: Handshake) {
    let context = OpaquePointer(pointer)
    unsafe handshake.verifier.profile.configure(context)
    unsafe handshake.attach(context: context)
}
