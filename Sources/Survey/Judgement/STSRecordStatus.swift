internal import MTASTS

/// What the TXT records at `_mta-sts.` and the domain are worth (RFC 8461 §3.1).
public enum STSRecordStatus: String, EnumValues {
    case absent
    /// TXT is there, and none of it resembles an MTA-STS record.
    case unrelated
    case ok
    case multiple
    /// Begins like a record, but not with exactly `v=STSv1;`.
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
    /// survey wants to see what stands behind a broken record too.
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
}

extension STSRecordStatus: JudgedLookup {}

extension STSRecordStatus {
    /// The status that records found come to.
    init(_ status: RecordStatus) {
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
