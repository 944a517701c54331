internal import DNS

/// What DNS says of where mail to the domain goes (RFC 5321 §5.1).
public enum MXStatus: String, EnumValues {
    case hasMX = "has_mx"
    /// No MX, and the domain itself has an address.
    case implicit
    /// `MX 0 .` alone: the domain takes no mail (RFC 7505 §3).
    case nullMX = "null_mx"
    /// A null MX beside others, which RFC 7505 §3 forbids.
    case nullMXPlus = "null_mx_plus"
    case nxdomain
    /// Neither MX nor A nor AAAA.
    case nodata
    /// No MX names a host: `localhost`, addresses, single labels.
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
}

extension MXStatus {
    /// The status that the lookups of a domain show.
    init(of observation: borrowing DomainObservation, _ records: MXRecords) {
        switch observation.mx.status {
        case .found: self = MXStatus(records)
        case .nodata: self = MXStatus(withoutMX: observation.addresses)
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
        switch status {
        case .nxdomain: self = .nxdomain
        case .servfail: self = .servfail
        case .refused: self = .refused
        case .timeout: self = .timeout
        case .unreachable: self = .unreachable
        case .found, .nodata, .rcode, .malformed, .aliasLoop: self = .dnsError
        }
    }
}
