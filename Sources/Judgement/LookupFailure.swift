internal import DNS

/// Why a lookup left open what there is, as the statuses of MX and of both records name it.
enum LookupFailure {
    case servfail
    case refused
    case timeout
    case unreachable
    case dnsError

    /// The failure of a lookup; nil where an answer says what is or is not there.
    init?(_ status: LookupStatus) {
        switch status {
        case .found, .nodata, .nxdomain: return nil
        case .servfail: self = .servfail
        case .refused: self = .refused
        case .timeout: self = .timeout
        case .unreachable: self = .unreachable
        case .rcode, .malformed, .aliasLoop: self = .dnsError
        }
    }

    /// What a status means that names it, and the rule.
    var meaning: String {
        switch self {
        case .servfail: "The lookup ended in SERVFAIL (RFC 1035 §4.1.1)."
        case .refused: "The lookup was refused (RFC 1035 §4.1.1)."
        case .timeout: "No answer in time."
        case .unreachable: "No name server could be reached."
        case .dnsError: "The lookup failed otherwise (RFC 1035 §4.1.1)."
        }
    }
}

/// A status that names why a lookup failed.
protocol LookupFailureStatus {
    static var servfail: Self { get }
    static var refused: Self { get }
    static var timeout: Self { get }
    static var unreachable: Self { get }
    static var dnsError: Self { get }
}

extension LookupFailureStatus {
    /// The status that names the failure.
    init(_ failure: LookupFailure) {
        switch failure {
        case .servfail: self = .servfail
        case .refused: self = .refused
        case .timeout: self = .timeout
        case .unreachable: self = .unreachable
        case .dnsError: self = .dnsError
        }
    }
}

/// The status of a TXT record, which may also be absent.
protocol TXTRecordStatus: LookupFailureStatus {
    static var absent: Self { get }
}

extension TXTRecordStatus {
    /// The status for a lookup without records; nil where there are some.
    init?(withoutRecords status: LookupStatus) {
        guard status != .found else { return nil }
        self = LookupFailure(status).map { Self($0) } ?? .absent
    }
}
