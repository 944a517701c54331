internal import COpenSSL

/// What a ClientHello offers, in this order, to peers of all kinds.
///
/// The lists are those of OpenSSL 3.0 for a client of level 2, written out but for DSA, and the
/// hybrid group that OpenSSL has since 3.5: a build may have others.
/// What the linked OpenSSL does not have is left out.
public enum TLSOffer {
    /// The cipher suites of TLS 1.3.
    static let suites = [
        "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_GCM_SHA256",
    ]

    /// Those of TLS 1.2, by OpenSSL's names.
    static let ciphers = [
        "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
        "DHE-RSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305",
        "ECDHE-RSA-CHACHA20-POLY1305", "DHE-RSA-CHACHA20-POLY1305",
        "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
        "DHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
        "DHE-RSA-AES256-SHA256", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256",
        "DHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA", "ECDHE-RSA-AES256-SHA",
        "DHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA",
        "DHE-RSA-AES128-SHA", "AES256-GCM-SHA384", "AES128-GCM-SHA256", "AES256-SHA256",
        "AES128-SHA256", "AES256-SHA", "AES128-SHA",
    ]

    /// The first is the one whose key share is sent: a ClientHello with that of X25519MLKEM768 has
    /// more octets than a packet, and some servers never answer such a one.
    private static let groups = [
        "X25519", "X25519MLKEM768", "P-256", "X448", "P-521", "P-384", "ffdhe2048", "ffdhe3072",
        "ffdhe4096", "ffdhe6144", "ffdhe8192",
    ]

    private static let signatures = [
        "ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ed25519",
        "ed448", "rsa_pss_pss_sha256", "rsa_pss_pss_sha384", "rsa_pss_pss_sha512",
        "rsa_pss_rsae_sha256", "rsa_pss_rsae_sha384", "rsa_pss_rsae_sha512", "rsa_pkcs1_sha256",
        "rsa_pkcs1_sha384", "rsa_pkcs1_sha512", "ECDSA+SHA224", "RSA+SHA224",
    ]

    /// The groups and the signature algorithms that the linked OpenSSL has.
    static let lists = available()

    /// The key exchange groups offered, by OpenSSL's names.
    public static var groupNames: [String] { lists.groups }

    /// The signature algorithms offered, by OpenSSL's names.
    public static var signatureNames: [String] { lists.signatures }

    /// The cipher suites offered, by their IANA names.
    public static func cipherNames(to profile: TLSProfile) -> [String] {
        unsafe withContext { context in
            unsafe profile.configure(context)
            guard let session = unsafe SSL_new(context) else {
                preconditionFailure("out of memory")
            }
            defer { unsafe SSL_free(session) }
            let ciphers = unsafe SSL_get1_supported_ciphers(session)
            defer { unsafe copenssl_ciphers_free(ciphers) }
            return unsafe (0..<max(0, copenssl_cipher_count(ciphers))).compactMap { index in
                unsafe SSL_CIPHER_standard_name(copenssl_cipher_item(ciphers, index))
                    .map { unsafe String(cString: $0) }
            }
        }
    }

    private static func available() -> (groups: [String], signatures: [String]) {
        unsafe withContext { context in
            defer { ERR_clear_error() }
            return (
                groups.filter { unsafe copenssl_ctx_set_groups(context, $0) == 1 },
                signatures.filter { unsafe copenssl_ctx_set_signatures(context, $0) == 1 }
            )
        }
    }

    private static func withContext<Result>(_ body: (OpaquePointer) -> Result) -> Result {
        TLSLibrary.prepare()
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else {
            preconditionFailure("no TLS: \(OpenSSLError.take().message)")
        }
        defer { unsafe SSL_CTX_free(context) }
        return unsafe body(context)
    }
}
