internal import DNS
public import Findings
internal import Observations

/// Why a host's TLSA records do not do what they are there for, as far as the evidence proves it.
///
/// Each class follows from how the records relate to the certificates that were shown; of two the
/// first in this order counts. A record of a key that was there before, and one of a key that never
/// was, look the same: both are `ee_mismatch` or `ta_mismatch`. So is a record of another authority
/// of the same CA, since no list of retired keys was read.
public enum DANEFailure: String, DocumentedValue {
    case noTLS = "no_tls"
    case oneOfSeveral = "one_of_several"
    case taInvalid = "ta_invalid"
    case taName = "ta_name"
    case strongerDigest = "stronger_digest"
    case issuerAsEE = "issuer_as_ee"
    case leafAsTA = "leaf_as_ta"
    case taNotSent = "ta_not_sent"
    case otherSelector = "other_selector"
    case digestOfNothing = "digest_of_nothing"
    case digestOfPEM = "digest_of_pem"
    case wrongMatchingType = "wrong_matching_type"
    case eeMismatch = "ee_mismatch"
    case taMismatch = "ta_mismatch"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .noTLS: "TLSA makes TLS mandatory, and none came about (RFC 7672 §2.2)."
        case .oneOfSeveral:
            "Addresses show different certificates, and the records miss one (RFC 7671 §8.4)."
        case .taInvalid:
            "A record matches an authority, and the chain to it is not valid (RFC 7672 §3.1.2)."
        case .taName:
            "A record matches an authority, and the leaf has another name (RFC 7672 §3.2.2)."
        case .strongerDigest:
            "The SHA-256 record is right, that of SHA-512 is not and counts (RFC 7671 §9)."
        case .issuerAsEE:
            "Usage 3 has the digest of the issuer; usage 2 is for that (RFC 7672 §3.1.1)."
        case .leafAsTA:
            "Usage 2 has the digest of the leaf; usage 3 is for that (RFC 7672 §3.1.2)."
        case .taNotSent:
            "Usage 2 has an authority that the host does not send (RFC 7672 §3.1.2)."
        case .otherSelector:
            "The digest is right for the other selector: 0 certificate, 1 key (RFC 6698 §2.1.2)."
        case .digestOfNothing:
            "The digest is that of an empty input or of a line end (RFC 6698 §2.1.3)."
        case .digestOfPEM: "The digest is of PEM text and not of DER (RFC 6698 §2.1.3)."
        case .wrongMatchingType:
            "The data is as long as a digest of another matching type (RFC 6698 §2.1.3)."
        case .eeMismatch: "Usage 3 has another key or certificate than was shown (RFC 7672 §3.1.1)."
        case .taMismatch: "Usage 2 has no authority of the chain shown (RFC 7672 §3.1.2)."
        }
    }
}

extension HostObservation {
    /// Why the host's TLSA records are not met, where DANE's `status` of the host is that; nil where
    /// they are met at every address, and where no class is proven.
    package func daneFailure(_ status: HostDANEStatus) -> DANEFailure? {
        switch status {
        case .ok: missesAnAddress ? .oneOfSeveral : nil
        case .unusable: hasWrongLength ? .wrongMatchingType : nil
        case .failed: failure
        default: nil
        }
    }

    /// Whether another address shows a certificate that no record matches.
    private var missesAnAddress: Bool {
        failing(byDANE: true).contains { place in
            sessions[place].status == .ok && sessions[place].tls?.dane?.isMatch == false
        }
    }

    /// Whether the data of a record has the length of a digest of another type than it says.
    private var hasWrongLength: Bool {
        records.contains { record in
            guard record.usage == 2 || record.usage == 3 else { return false }
            return record.data.count == 32 && record.matchingType != 1 && record.matchingType <= 2
                || record.data.count == 64 && record.matchingType <= 1
        }
    }

    private var records: [TLSARecord] {
        tlsa?.records.compactMap { if case .tlsa(let record) = $0 { record } else { nil } } ?? []
    }

    private var failure: DANEFailure? {
        guard let session = sessionByDANE, session.status == .ok, let dane = session.tls?.dane
        else { return .noTLS }
        guard !dane.isMatch else { return dane.error == nil ? .taName : .taInvalid }
        let related = Array(zip(records, dane.relations))
        if related.contains(where: { $0.1 == .match }) {
            return isOvertaken(related) ? .strongerDigest : .taInvalid
        }
        let relations = Set(related.map(\.1))
        return Self.slips.first { relations.contains($0.relation) }?.failure
            ?? mismatch(related)
    }

    /// Mistakes that a single record proves.
    private static let slips: [(relation: TLSARelation, failure: DANEFailure)] = [
        (.issuer, .issuerAsEE), (.leaf, .leafAsTA), (.notSent, .taNotSent),
        (.otherSelector, .otherSelector), (.empty, .digestOfNothing), (.pem, .digestOfPEM),
    ]

    /// Whether a record that matches is passed over for one with a stronger digest, of the same
    /// usage and selector.
    private func isOvertaken(_ related: [(TLSARecord, TLSARelation)]) -> Bool {
        related.contains { weak, relation in
            relation == .match && weak.matchingType == 1
                && related.contains { strong, _ in
                    strong.isUsable && strong.matchingType == 2 && strong.usage == weak.usage
                        && strong.selector == weak.selector
                }
        }
    }

    private func mismatch(_ related: [(TLSARecord, TLSARelation)]) -> DANEFailure? {
        let usages = related.filter { $0.0.isUsable }.map(\.0.usage)
        return usages.contains(3) ? .eeMismatch : usages.isEmpty ? nil : .taMismatch
    }
}
