internal import COpenSSL

/// What all sessions of a loop share: the trust store, TLS 1.2 as the least version, the callbacks.
public final class TLSContext {
    let context: OpaquePointer
    private let trust: TrustStore

    /// A context for sessions with MX hosts.
    public init(trust: TrustStore) {
        guard let context = SSL_CTX_new(TLS_client_method()) else {
            preconditionFailure("no TLS: \(OpenSSLError.take().message)")
        }
        self.context = context
        self.trust = trust
        configure(context, trust)
        copenssl_ctx_release_buffers(context)
        SSL_CTX_dane_enable(context)
    }

    deinit { SSL_CTX_free(context) }
}

/// Prepares a context that another library makes for one connection; `handshake` must outlive it.
public func prepareContext(
    _ pointer: UnsafeMutableRawPointer, trust: TrustStore, for handshake: Handshake
) {
    let context = OpaquePointer(pointer)
    configure(context, trust)
    handshake.attach(context: context)
}

private func configure(_ context: OpaquePointer, _ trust: TrustStore) {
    copenssl_ctx_require_tls12(context)  // RFC 8461 §7.2 by way of RFC 7525
    SSL_CTX_set1_cert_store(context, trust.store)
    copenssl_ctx_no_session_cache(context)
    copenssl_ctx_ask_ocsp(context)
    Handshake.installCallbacks(on: context)
}
