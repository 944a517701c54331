public import DNS
public import Findings

/// How a TLSA record relates to the certificates of one session (RFC 6698 §2.1).
///
/// Only what the octets prove: a record that matches nothing may be of a certificate of before, or
/// of one that never was. Retired keys of authorities are in no list here, so that a record of one
/// is `nothing`, too.
public enum TLSARelation: String, DocumentedValue {
    case match
    case issuer
    case leaf
    case notSent = "not_sent"
    case otherSelector = "other_selector"
    case empty
    case pem
    case nothing
    case unusable

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .match: "The record matches a certificate that its usage is for (RFC 6698 §2.1)."
        case .issuer: "Usage 3, and it matches an authority of the chain (RFC 7672 §3.1.1)."
        case .leaf: "Usage 2, and it matches the leaf (RFC 7672 §3.1.2)."
        case .notSent:
            "Usage 2, and it matches an authority that the host does not send (RFC 7672 §3.1.2)."
        case .otherSelector: "It would match with the other selector (RFC 6698 §2.1.2)."
        case .empty: "It is the digest of an empty input, or of a line end (RFC 6698 §2.1.3)."
        case .pem: "It is the digest of the certificate's or key's PEM text (RFC 6698 §2.1.3)."
        case .nothing: "It matches no certificate that was shown (RFC 6698 §2.1)."
        case .unusable: "No sender can use it (RFC 7672 §3.1)."
        }
    }
}

extension TLSARecord {
    /// Whether a sender can compare a certificate chain with the record (RFC 7672 §3.1).
    public var isUsable: Bool {
        // RFC 7672 §3.1.3: PKIX-TA and PKIX-EE are not for SMTP and count as unusable.
        guard usage == 2 || usage == 3, selector <= 1 else { return false }
        switch matchingType {
        case 0: return !data.isEmpty
        case 1: return data.count == 32
        case 2: return data.count == 64
        default: return false
        }
    }
}
