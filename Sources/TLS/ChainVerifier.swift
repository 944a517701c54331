internal import COpenSSL
import Glibc
internal import Survey

/// Verifies a peer's chain, noting every error and going on, and checks the name apart.
struct ChainVerifier {

    fileprivate final class Notes {
        fileprivate var errors: [(code: Int32, depth: Int32)] = []
    }

    /// Verifies `context`, which holds the peer's chain and the trust store, unless it is known
    /// what comes of it.
    static func observe(
        _ context: OpaquePointer, for name: String, _ verified: VerifiedChains? = nil
    ) -> CertificateObservation? {
        guard let leaf = X509_STORE_CTX_get0_cert(context) else { return nil }
        let key = verified.flatMap { _ in VerifiedChains.key(of: context) }
        var certificate: CertificateObservation
        if let key, let known = verified?.certificate(of: key) {
            certificate = known
        } else {
            let start = time(nil)
            certificate = verify(context, leaf)
            if let key { verified?.keep(certificate, for: key, of: context, from: start) }
        }
        if let error = nameError(of: leaf, for: name) { certificate.errors.append(error) }
        return certificate
    }

    /// The facts of the leaf, and every error of the chain.
    private static func verify(
        _ context: OpaquePointer, _ leaf: OpaquePointer
    ) -> CertificateObservation {
        let count = Int(copenssl_chain_count(X509_STORE_CTX_get0_untrusted(context)))
        let notes = Notes()
        copenssl_store_ctx_set_data(context, Unmanaged.passUnretained(notes).toOpaque())
        X509_STORE_CTX_set_verify_cb(context, noteAndContinue)
        X509_verify_cert(context)
        // The error nearest the leaf comes first: those above it are immaterial until it is mended.
        let noted = notes.errors.sorted { $0.depth < $1.depth }
        var errors: [CertificateError] = []
        for (code, _) in noted {
            let error = classify(code, chainLength: count)
            if !errors.contains(error) { errors.append(error) }
        }
        let detail = noted.first.flatMap { X509_verify_cert_error_string(Int($0.code)) }
            .map { String(cString: $0) }
        return CertificateReader.read(leaf, chainLength: count, errors: errors, detail: detail)
    }

    private static func classify(_ code: Int32, chainLength: Int) -> CertificateError {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: .notYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: .selfSigned
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
            // A leaf alone says nothing of the authority that its issuer may chain to.
            chainLength <= 1 ? .chainIncomplete : .untrusted
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED: .untrusted
        default: .invalid
        }
    }

    /// RFC 8461 §3.3 and §4.2: the DNS-ID (SAN dNSName) counts, never the CN; a wildcard stands
    /// for the whole leftmost label.
    private static func nameError(of leaf: OpaquePointer, for name: String) -> CertificateError? {
        let strict = UInt32(
            X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        if X509_check_host(leaf, name, name.utf8.count, strict, nil) == 1 { return nil }
        let lax = UInt32(
            X509_CHECK_FLAG_ALWAYS_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS)
        let isInCN = X509_check_host(leaf, name, name.utf8.count, lax, nil) == 1
        return isInCN && CertificateReader.dnsNames(of: leaf).isEmpty ? .cnOnly : .nameMismatch
    }
}

/// Called by OpenSSL for each certificate of the chain and each error found.
private func noteAndContinue(_ isGood: Int32, _ context: OpaquePointer?) -> Int32 {
    guard isGood == 0, let context, let data = copenssl_store_ctx_data(context) else { return 1 }
    let notes = Unmanaged<ChainVerifier.Notes>.fromOpaque(data).takeUnretainedValue()
    let code = X509_STORE_CTX_get_error(context)
    if notes.errors.count < 32 {
        notes.errors.append((code, X509_STORE_CTX_get_error_depth(context)))
    }
    return 1
}
