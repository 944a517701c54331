public import DNS
public import Findings
internal import MTASTS

/// The status of the TXT records at `_mta-sts.` and the domain (RFC 8461 §3.1).
public enum STSRecordStatus: String, DocumentedValue {
    case absent
    case unrelated
    case ok
    case multiple
    case badVersion = "bad_version"
    case missingID = "missing_id"
    case badID = "bad_id"
    case badExtension = "bad_extension"
    case badField = "bad_field"
    case nonASCII = "non_ascii"
    case servfail
    case refused
    case timeout
    case unreachable
    case dnsError = "dns_error"

    /// Whether the survey fetches the policy: a sender would at `ok` only (RFC 8461 §3.1), the
    /// survey also fetches the policy of a broken record.
    public var callsForFetch: Bool { !isAbsent && !isUnknown }

    /// Whether the domain has nothing that means to be a record.
    var isAbsent: Bool { self == .absent || self == .unrelated }

    /// Whether the lookup left open if there is a record.
    public var isUnknown: Bool {
        switch self {
        case .servfail, .refused, .timeout, .unreachable, .dnsError: true
        default: false
        }
    }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .absent: "There is no TXT record at the name (RFC 8461 §3.1)."
        case .unrelated: "TXT is there, and none of it resembles a record (RFC 8461 §3.1)."
        case .ok: "Exactly one record, and it is valid (RFC 8461 §3.1)."
        case .multiple: STSRecordSyntax.multiple.sentence
        case .badVersion: STSRecordSyntax.badVersion.sentence
        case .missingID: STSRecordSyntax.missingID.sentence
        case .badID: STSRecordSyntax.badID.sentence
        case .badExtension: STSRecordSyntax.badExtension.sentence
        case .badField: STSRecordSyntax.badField.sentence
        case .nonASCII: STSRecordSyntax.nonASCII.sentence
        case .servfail: LookupFailure.servfail.meaning
        case .refused: LookupFailure.refused.meaning
        case .timeout: LookupFailure.timeout.meaning
        case .unreachable: LookupFailure.unreachable.meaning
        case .dnsError: LookupFailure.dnsError.meaning
        }
    }
}

extension STSRecordStatus: TXTRecordStatus {}

extension STSRecordStatus {
    /// The status for records that were found.
    init(_ status: STSRecordSyntax) {
        switch status {
        case .absent: self = .absent
        case .unrelated: self = .unrelated
        case .ok: self = .ok
        case .multiple: self = .multiple
        case .badVersion: self = .badVersion
        case .missingID: self = .missingID
        case .badID: self = .badID
        case .badExtension: self = .badExtension
        case .badField: self = .badField
        case .nonASCII: self = .nonASCII
        }
    }
}

extension Lookup {
    /// The TXT records, each as its character-strings.
    public var texts: [[[UInt8]]] {
        records.compactMap { if case .txt(let strings) = $0 { strings } else { nil } }
    }
}
