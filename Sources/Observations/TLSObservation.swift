public import Findings

/// What one TLS handshake showed, whether its certificate is valid or not.
public struct TLSObservation: Sendable {
    /// `TLSv1.3`, `TLSv1.2` and so on, as the server chose, accepted or not; nil where it chose
    /// none.
    public var version: String?
    /// The cipher suite by its IANA name.
    public var cipher: String?
    /// The key exchange group, such as `X25519`.
    public var group: String?
    /// The description of the fatal alert that the peer sent; `unknown` for a number without one.
    public var alert: String?
    /// Its number (RFC 8446 §6); nil in records of earlier programs.
    public var alertCode: Int?
    /// Whether an OCSP response was stapled.
    public var hasOCSPStaple: Bool
    /// The certificate and how it verifies; nil where none was shown.
    public var certificate: CertificateObservation?
    /// What DANE says of the chain; nil without a usable TLSA record.
    public var dane: DANEObservation?

    /// A handshake that has shown nothing yet.
    public init() { hasOCSPStaple = false }
}

/// Why a certificate does not verify for a name (RFC 5280, RFC 6125; RFC 8461 §4.2).
public enum CertificateError: String, DocumentedValue {
    case expired
    case notYetValid = "not_yet_valid"
    case selfSigned = "self_signed"
    case chainIncomplete = "chain_incomplete"
    case untrusted
    case invalid
    case nameMismatch = "name_mismatch"
    case cnOnly = "cn_only"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .expired: "A certificate of the chain has expired (RFC 5280 §6.1.3)."
        case .notYetValid: "A certificate of the chain is not yet valid (RFC 5280 §6.1.3)."
        case .selfSigned: "The certificate is signed by itself (RFC 8461 §4.2)."
        case .chainIncomplete: "The leaf came alone, its issuer is unknown (RFC 8446 §4.4.2)."
        case .untrusted: "The chain ends at no trusted authority (RFC 8461 §4.2)."
        case .invalid: "The chain does not verify for another reason (RFC 5280 §6.1)."
        case .nameMismatch: "No DNS-ID matches the host's name (RFC 8461 §4.2)."
        case .cnOnly: "The host's name stands in the subject's CN only (RFC 8461 §4.2)."
        }
    }
}

/// A certificate as shown by a peer, and every error of its verification.
public struct CertificateObservation: Sendable {
    /// How many octets of a subject or an issuer are kept, of their printed form; `…` marks the
    /// cut.
    public static let subjectLimit = 16_384
    /// How many characters of an organization are kept; `…` marks the cut.
    public static let organizationLimit = 256

    /// The subject, RFC 2253 form.
    public var subject: String
    /// The issuer, RFC 2253 form.
    public var issuer: String
    /// The SAN dNSNames, as in the certificate.
    public var names: [String]
    /// Start of validity, seconds since 1970.
    public var notBefore: Int64
    /// End of validity, seconds since 1970.
    public var notAfter: Int64
    /// `EC`, `RSA`, `ED25519`.
    public var keyType: String
    /// Size of the key in bits.
    public var keyBits: Int
    /// Such as `ecdsa-with-SHA256`.
    public var signatureAlgorithm: String
    /// SHA-256 of the certificate's DER, lower-case hex.
    public var sha256: String
    /// SHA-256 of the SubjectPublicKeyInfo's DER, lower-case hex.
    public var spkiSHA256: String
    /// How many certificates the peer sent.
    public var chainLength: Int
    /// The strength in bits of the weakest key of the chain, as far as one was built (NIST SP
    /// 800-57); nil where it was not examined.
    public var securityBits: Int?
    /// Whose certificate signed it: the organization in the issuer's name; nil where it has none,
    /// and in records of earlier versions.
    public var issuerOrganization: String?
    /// What the extended key usage allows, by short names such as `serverAuth` or as OIDs; empty
    /// without the extension, nil in records of earlier versions (RFC 5280 §4.2.1.12).
    public var extendedKeyUsages: [String]?
    /// Whether an OCSP responder is named; nil in records of earlier versions (RFC 5280 §4.2.2.1).
    public var namesOCSPResponder: Bool?
    /// How many certificates the path has that was built, with its two ends; nil where none was
    /// built, and where that was not noted.
    public var pathLength: Int?
    /// Every error: the chain's first, those nearest the leaf first, the name's last; without
    /// duplicates.
    public var errors: [CertificateError]
    /// The verifier's message for the first error.
    public var detail: String?

    /// A certificate of these facts.
    public init(
        subject: String, issuer: String, names: [String], notBefore: Int64, notAfter: Int64,
        keyType: String, keyBits: Int, signatureAlgorithm: String, sha256: String,
        spkiSHA256: String, chainLength: Int, errors: [CertificateError], detail: String?,
        securityBits: Int? = nil, issuerOrganization: String? = nil,
        extendedKeyUsages: [String]? = nil, namesOCSPResponder: Bool? = nil
    ) {
        self.subject = subject
        self.issuer = issuer
        self.names = names
        self.notBefore = notBefore
        self.notAfter = notAfter
        self.keyType = keyType
        self.keyBits = keyBits
        self.signatureAlgorithm = signatureAlgorithm
        self.sha256 = sha256
        self.spkiSHA256 = spkiSHA256
        self.chainLength = chainLength
        self.securityBits = securityBits
        self.issuerOrganization = issuerOrganization
        self.extendedKeyUsages = extendedKeyUsages
        self.namesOCSPResponder = namesOCSPResponder
        self.errors = errors
        self.detail = detail
    }
}

/// What verification by TLSA records showed (RFC 7672 §3.1).
public struct DANEObservation: Sendable {
    /// Whether a usable TLSA record matched the chain; names and errors count apart.
    public var isMatch: Bool
    /// The usage of the record that matched: 2 DANE-TA, 3 DANE-EE.
    public var usage: UInt8?
    /// How each TLSA record relates to the certificates, in the order of the records; empty in
    /// records of earlier programs.
    public var relations: [TLSARelation] = []
    /// What keeps the chain up to the record that matched from being verified, such as dates that
    /// count with DANE-TA; the first error, and nil where there is none.
    public var error: CertificateError?

    /// The result of a verification by TLSA records.
    public init(
        isMatch: Bool, usage: UInt8? = nil, relations: [TLSARelation] = [],
        error: CertificateError? = nil
    ) {
        self.isMatch = isMatch
        self.relations = relations
        self.usage = usage
        self.error = error
    }
}
