internal import COpenSSL

/// What is offered to the peers of one kind, and what is required of their keys, signatures and
/// chains.
///
/// Nothing of it is left to the defaults of OpenSSL's build or to the machine's configuration,
/// which is not read (see ``TLSLibrary``). Manifests state it.
public struct TLSProfile: Sendable {
    /// The least strength that OpenSSL requires of keys and signatures: 1 for 80 bits, 2 for 112.
    public let securityLevel: Int

    /// The profile for MX hosts, of level 1.
    ///
    /// Postfix sets it where a certificate must match, by MTA-STS as by DANE (`tls_client_start`):
    /// MD5 and SHA-1 signatures fail, RSA keys of 1024 bits do not.
    public static let mxHost = TLSProfile(securityLevel: 1)

    /// The profile for policy hosts, of level 2.
    ///
    /// It is what Python's `ssl` sets for the client of postfix-mta-sts-resolver, and requires what
    /// the Baseline Requirements of the CA/Browser Forum require of every certificate of the Web
    /// PKI (§6.1.5: RSA keys of at least 2048 bits).
    public static let policyHost = TLSProfile(securityLevel: 2)

    /// The least version: RFC 8461 §7.2 by way of RFC 7525, RFC 8996.
    public static let minimumVersion = "TLSv1.2"
    /// A certificate of the trust store ends a chain, self-signed or not (RFC 5280 §6.1.1 (d)), and
    /// is looked for before those that the peer has shown.
    public static let verificationFlags = ["trusted_first", "partial_chain"]
    /// The most certificates between the leaf and the end of a chain, OpenSSL's own limit.
    public static let chainDepth = 100
    /// The most octets of the certificates that a peer shows.
    static let certificateOctets = 102_400

    /// How chains are verified, as a value of its own that the caller must give away or free.
    var verification: OpaquePointer {
        guard let parameters = unsafe X509_VERIFY_PARAM_new() else {
            preconditionFailure("out of memory")
        }
        let isSet = unsafe [
            X509_VERIFY_PARAM_set_flags(
                parameters, UInt(X509_V_FLAG_TRUSTED_FIRST) | UInt(X509_V_FLAG_PARTIAL_CHAIN)),
            X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER),
            X509_VERIFY_PARAM_set_trust(parameters, X509_TRUST_SSL_SERVER),
        ]
        precondition(isSet.allSatisfy { $0 == 1 }, "OpenSSL verifies no TLS servers")
        unsafe X509_VERIFY_PARAM_set_depth(parameters, Int32(Self.chainDepth))
        unsafe X509_VERIFY_PARAM_set_auth_level(parameters, Int32(securityLevel))
        return unsafe parameters
    }

    /// Sets `context` so that its sessions offer and require what this profile says.
    func configure(_ context: OpaquePointer) {
        unsafe SSL_CTX_set_security_level(context, Int32(securityLevel))
        let lists = TLSOffer.lists
        let isSet = unsafe [
            copenssl_ctx_set_versions(context),
            SSL_CTX_set_cipher_list(context, TLSOffer.ciphers.joined(separator: ":")),
            SSL_CTX_set_ciphersuites(context, TLSOffer.suites.joined(separator: ":")),
            copenssl_ctx_set_groups(context, lists.groups.joined(separator: ":")),
            copenssl_ctx_set_signatures(context, lists.signatures.joined(separator: ":")),
        ]
        guard isSet.allSatisfy({ $0 == 1 }) else {
            preconditionFailure("no TLS: \(OpenSSLError.take().message)")
        }
        let parameters = unsafe verification
        defer { unsafe X509_VERIFY_PARAM_free(parameters) }
        guard unsafe SSL_CTX_set1_param(context, parameters) == 1 else {
            preconditionFailure("out of memory")
        }
        unsafe copenssl_ctx_set_certificate_octets(context, Self.certificateOctets)
        unsafe copenssl_ctx_no_session_cache(context)
        unsafe copenssl_ctx_ask_ocsp(context)
        unsafe Handshake.installCallbacks(on: context)
    }
}

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

/// Prepares a context that another library makes for one connection, and which keeps `handshake`.
public func prepareContext(_ pointer: UnsafeMutableRawPointer, for handshake: Handshake) {
    let context = OpaquePointer(pointer)
    unsafe handshake.verifier.profile.configure(context)
    unsafe handshake.attach(context: context)
}
