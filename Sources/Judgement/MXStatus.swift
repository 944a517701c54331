internal import DNS
public import Findings
internal import Observations

/// What DNS says of where mail to the domain goes (RFC 5321 §5.1).
public enum MXStatus: String, DocumentedValue {
    case hasMX = "has_mx"
    case implicit
    case nullMX = "null_mx"
    case nullMXPlus = "null_mx_plus"
    case nxdomain
    case nodata
    case junk
    case servfail
    case refused
    case timeout
    case unreachable
    case dnsError = "dns_error"

    /// Whether it is certain that no mail can reach the domain.
    var isNoMail: Bool {
        self == .nullMX || self == .nxdomain || self == .nodata || self == .junk
    }

    /// Whether there are hosts to judge.
    public var hasHosts: Bool { self == .hasMX || self == .implicit || self == .nullMXPlus }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .hasMX: "MX records name at least one host (RFC 5321 §5.1)."
        case .implicit: "No MX, and the domain's own address takes mail (RFC 5321 §5.1)."
        case .nullMX: "A null MX alone: the domain takes no mail (RFC 7505 §3)."
        case .nullMXPlus: "A null MX stands beside others, which is forbidden (RFC 7505 §3)."
        case .nxdomain: "The domain does not exist (RFC 5321 §5.1)."
        case .nodata: "Neither MX nor A nor AAAA (RFC 5321 §5.1)."
        case .junk: "No MX names a host: localhost, addresses, single labels (RFC 5321 §5.1)."
        case .servfail: LookupFailure.servfail.meaning
        case .refused: LookupFailure.refused.meaning
        case .timeout: LookupFailure.timeout.meaning
        case .unreachable: LookupFailure.unreachable.meaning
        case .dnsError: LookupFailure.dnsError.meaning
        }
    }
}

extension MXStatus: LookupFailureStatus {
    /// The status that the lookups of a domain show.
    init(of observation: borrowing DomainObservation, _ records: MXRecords) {
        switch observation.mx.status {
        case .found: self = MXStatus(records)
        case .nodata: self = MXStatus(withoutMX: observation.addresses)
        case .nxdomain: self = .nxdomain
        default: self = MXStatus(failure: observation.mx.status)
        }
    }

    private init(_ records: MXRecords) {
        if records.hasHost {
            self = records.hasNull ? .nullMXPlus : .hasMX
        } else {
            // RFC 7505 §3: one record alone; repeated, it says the same.
            self = records.hasJunk ? .junk : .nullMX
        }
    }

    /// RFC 5321 §5.1: without MX the address RR is treated as an implicit MX of preference 0.
    private init(withoutMX addresses: AddressLookup?) {
        guard let addresses else {
            self = .dnsError
            return
        }
        let lookup = addresses.decisive
        switch lookup.status {
        case .found: self = .implicit
        case .nodata, .nxdomain: self = .nodata
        default: self = MXStatus(failure: lookup.status)
        }
    }

    private init(failure status: LookupStatus) {
        self = LookupFailure(status).map { Self($0) } ?? .dnsError
    }
}
