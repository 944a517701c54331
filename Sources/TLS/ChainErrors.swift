internal import COpenSSL
internal import Observations

/// The errors of one verification, those nearest the leaf first, without duplicates.
struct ChainErrors {
    let errors: [CertificateError]
    /// The verifier's message for the first.
    let detail: String?

    fileprivate final class Notes {
        fileprivate var errors: [(code: Int32, depth: Int32)] = []
    }

    /// How many errors of a chain are noted; the first is always among them.
    fileprivate static let limit = 32

    /// Verifies `context`, which goes on after each error; `length` is how many certificates the
    /// peer has shown.
    init(verifying context: OpaquePointer, length: Int) {
        let notes = Notes()
        let result = withExtendedLifetime(notes) {
            unsafe copenssl_store_ctx_set_data(context, Unmanaged.passUnretained(notes).toOpaque())
            unsafe X509_STORE_CTX_set_verify_cb(context, noteAndContinue)
            return unsafe X509_verify_cert(context)
        }
        unsafe copenssl_store_ctx_set_data(context, nil)
        var noted = notes.errors.sorted { place(of: $0) < place(of: $1) }.map(\.code)
        // A failure that the callback did not get: memory, or a chain that cannot be walked.
        if result <= 0, noted.isEmpty {
            let code = unsafe X509_STORE_CTX_get_error(context)
            noted = [code == X509_V_OK ? X509_V_ERR_UNSPECIFIED : code]
        }
        var errors: [CertificateError] = []
        for code in noted {
            let error = CertificateError(code, chainLength: length)
            if !errors.contains(error) { errors.append(error) }
        }
        self.errors = errors
        detail = unsafe noted.first.flatMap { unsafe X509_verify_cert_error_string(Int($0)) }
            .map { unsafe String(cString: $0) }
    }

    /// Those of a verification that could not begin.
    init(failure: String) {
        errors = [.invalid]
        detail = failure
    }
}

/// Where an error stands among those of a chain: by the certificate that it is about, and at one
/// certificate its own faults before the lack of an issuer, which lies beyond it.
private func place(of error: (code: Int32, depth: Int32)) -> Int32 {
    switch error.code {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        2 * error.depth + 1
    default: 2 * error.depth
    }
}

extension CertificateError {
    fileprivate init(_ code: Int32, chainLength: Int) {
        switch code {
        case X509_V_ERR_CERT_HAS_EXPIRED: self = .expired
        case X509_V_ERR_CERT_NOT_YET_VALID: self = .notYetValid
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: self = .selfSigned
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
            X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
            // A leaf alone does not show to which authority its issuer may chain.
            self = chainLength <= 1 ? .chainIncomplete : .untrusted
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, X509_V_ERR_CERT_UNTRUSTED: self = .untrusted
        default: self = .invalid
        }
    }
}

/// Called by OpenSSL for each certificate of the chain and each error found.
private func noteAndContinue(_ isGood: Int32, _ context: OpaquePointer?) -> Int32 {
    guard isGood == 0 else { return 1 }
    guard let context = unsafe context, let data = unsafe copenssl_store_ctx_data(context) else {
        return 0
    }
    let notes = unsafe Unmanaged<ChainErrors.Notes>.fromOpaque(data).takeUnretainedValue()
    if notes.errors.count < ChainErrors.limit {
        unsafe notes.errors.append(
            (X509_STORE_CTX_get_error(context), X509_STORE_CTX_get_error_depth(context)))
    }
    return 1
}
