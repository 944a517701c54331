internal import COpenSSL
internal import DNS
import Glibc
internal import Observations

/// Verifies the chains of peers of one kind against one trust store: the result depends on nothing
/// else, neither the session nor earlier verifications.
///
/// It uses nothing of a session's own context: the store, the flags, the purpose and the security
/// level are set for each verification. Every error is noted, and what cannot be verified is
/// invalid. Used on one loop.
public final class ChainVerifier {
    let profile: TLSProfile
    private let trust: TrustStore
    private let verified = ChainVerificationCache()

    /// A verifier of the chains of the peers that `profile` is for, which end in `trust`.
    public init(_ profile: TLSProfile, trust: TrustStore) {
        self.profile = profile
        self.trust = trust
    }

    /// The facts of `leaf`, and the errors of its chain and of its names for `name`.
    func observe(
        _ leaf: OpaquePointer, among shown: OpaquePointer?, for name: DomainName
    ) -> CertificateObservation {
        let key = unsafe ChainVerificationCache.key(of: shown, leaf: leaf)
        var certificate: CertificateObservation
        if let key, let known = verified.certificate(of: key) {
            certificate = known
        } else {
            certificate = unsafe verify(leaf, among: shown, key)
        }
        if let error = unsafe nameError(of: leaf, for: name.text) {
            certificate.errors.append(error)
        }
        return certificate
    }

    private func verify(
        _ leaf: OpaquePointer, among shown: OpaquePointer?, _ key: ChainVerificationCache.Key?
    ) -> CertificateObservation {
        let start = time(nil)
        let length = unsafe Int(copenssl_chain_count(shown))
        guard let context = unsafe X509_STORE_CTX_new() else {
            preconditionFailure("out of memory")
        }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, trust.store, leaf, shown) == 1 else {
            let errors = ChainErrors(failure: OpenSSLError.take().message)
            return unsafe CertificateReader.read(leaf, chain: nil, length: length, errors)
        }
        unsafe X509_STORE_CTX_set0_param(context, profile.verification)
        let errors = unsafe ChainErrors(verifying: context, length: length)
        let certificate = unsafe CertificateReader.read(
            leaf, chain: X509_STORE_CTX_get0_chain(context), length: length, errors)
        if let key { unsafe verified.keep(certificate, for: key, of: context, from: start) }
        return certificate
    }

    /// The certificates of the path from `leaf` that can be built.
    func path(
        of leaf: OpaquePointer, among shown: OpaquePointer?
    ) -> [TLSAComparison.Certificate] {
        guard let context = unsafe X509_STORE_CTX_new() else {
            preconditionFailure("out of memory")
        }
        defer { unsafe X509_STORE_CTX_free(context) }
        guard unsafe X509_STORE_CTX_init(context, trust.store, leaf, shown) == 1 else {
            ERR_clear_error()
            return []
        }
        unsafe X509_STORE_CTX_set0_param(context, profile.verification)
        _ = unsafe ChainErrors(verifying: context, length: 0)
        return unsafe TLSAComparison.Certificate.all(
            of: X509_STORE_CTX_get0_chain(context), most: Int(TLSProfile.chainDepth) + 2)
    }

    /// RFC 8461 §3.3 and §4.2: the DNS-ID (SAN dNSName) counts, never the CN; a wildcard matches
    /// the whole leftmost label.
    private func nameError(of leaf: OpaquePointer, for name: String) -> CertificateError? {
        // An escape of the text would be taken for octets of the name (RFC 1035 §5.1).
        guard !name.utf8.contains(UInt8(ascii: "\\")) else { return .nameMismatch }
        let strict = UInt32(
            X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        if unsafe X509_check_host(leaf, name, name.utf8.count, strict, nil) == 1 { return nil }
        guard unsafe copenssl_has_no_dns_name(leaf) == 1 else { return .nameMismatch }
        let lax = UInt32(
            X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        let isInCN = unsafe X509_check_host(leaf, name, name.utf8.count, lax, nil) == 1
        return isInCN ? .cnOnly : .nameMismatch
    }
}
