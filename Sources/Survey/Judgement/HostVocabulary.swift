/// What DANE says of one host (RFC 7672).
public enum HostDANEStatus: String, EnumValues {
    case ok
    /// A usable TLSA record that the host does not meet, or no TLS at all (RFC 7672 §2.2).
    case failed
    /// TLSA records, and none that can be used (RFC 7672 §2.2).
    case unusable
    /// Validated absence of TLSA records.
    case none
    /// The answers for addresses or TLSA are not validated.
    case insecure
    /// The TLSA lookup failed: delivery waits (RFC 7672 §2.1.1).
    case tempfail
    /// A usable TLSA record, and no session to hold against it.
    case unreached
    /// The resolver's AD bit is not trusted.
    case unknown
    /// No address is known, so TLSA was not asked for.
    case notAsked = "not_asked"

    /// Whether usable TLSA records were found.
    var hasUsableRecord: Bool { self == .ok || self == .failed || self == .unreached }

    /// Whether TLSA records were found or may be there, so that DANE decides.
    var decides: Bool { hasUsableRecord || self == .unusable || self == .tempfail }
}

/// What DANE says of the domain as a whole (RFC 7672).
public enum DomainDANEStatus: String, EnumValues {
    /// The resolver's AD bit is not trusted, or no host with TLSA was reached, or none was asked.
    case unknown
    /// The MX RRset is validated and no host has TLSA.
    case none
    /// The MX RRset is not validated, and no host has usable TLSA.
    case insecure
    /// The MX RRset is not validated, but a host has usable TLSA (RFC 7672 §2.2.1).
    case hostOnly = "host_only"
    /// Every reached host meets its TLSA records.
    case ok
    case partial
    case failed
    case unusable
    case tempfail
}

/// What becomes of mail to one host, from a sender that keeps to the RFCs and has nothing cached.
public enum HostOutcome: String, EnumValues {
    case protectedDANE = "protected_dane"
    case protectedSTS = "protected_sts"
    /// Not delivered there.
    case refused
    /// TLS is mandatory and not authenticated: all TLSA records are unusable (RFC 7672 §2.2).
    case encrypted
    case opportunistic
    case unreached
    case unknown

    /// Whether delivery is authenticated.
    var isProtected: Bool { self == .protectedDANE || self == .protectedSTS }
}
