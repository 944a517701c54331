public import Findings

/// What DANE says of one host (RFC 7672).
public enum HostDANEStatus: String, DocumentedValue {
    case ok
    case failed
    case unusable
    case none
    case insecure
    case tempfail
    case unreached
    case unknown
    case notAsked = "not_asked"

    /// Whether usable TLSA records were found.
    var hasUsableRecord: Bool { self == .ok || self == .failed || self == .unreached }

    /// Whether TLSA records were found or may be there, so that DANE decides.
    var decides: Bool { hasUsableRecord || self == .unusable || self == .tempfail }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .ok: "The chain meets a usable TLSA record (RFC 7672 §3.1)."
        case .failed: "Usable TLSA, and no TLS or a chain that meets none (RFC 7672 §2.2)."
        case .unusable: "TLSA, and none of it can be used (RFC 7672 §2.2)."
        case .none: "Validated absence of TLSA (RFC 7672 §2.2)."
        case .insecure: "The answers for addresses or TLSA are not validated (RFC 7672 §2.2.2)."
        case .tempfail: "The TLSA lookup failed, so delivery waits (RFC 7672 §2.1.1)."
        case .unreached: "Usable TLSA, and no session to hold against it (RFC 7672 §2.2)."
        case .unknown: "The resolver's AD bit is not trusted (RFC 4035 §4.9.3)."
        case .notAsked: "No address is known, so TLSA was not asked for (RFC 7672 §2.2.2)."
        }
    }
}

/// What DANE says of the domain as a whole (RFC 7672).
public enum DomainDANEStatus: String, DocumentedValue {
    case unknown
    case none
    case insecure
    case hostOnly = "host_only"
    case ok
    case partial
    case failed
    case unusable
    case tempfail

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .unknown:
            "AD is not trusted, or no host with TLSA was reached or asked (RFC 4035 §4.9.3)."
        case .none: "The MX RRset is validated, and no host has TLSA (RFC 7672 §2.2)."
        case .insecure: "The MX RRset is not validated, and no host has TLSA (RFC 7672 §2.2.1)."
        case .hostOnly: "A host has usable TLSA, the MX RRset is not validated (RFC 7672 §2.2.1)."
        case .ok: "Every reached host meets its TLSA (RFC 7672 §2.2)."
        case .partial: "The hosts differ (RFC 7672 §2.2)."
        case .failed: "Every reached host fails its TLSA (RFC 7672 §2.2)."
        case .unusable: "Every host has TLSA that cannot be used (RFC 7672 §2.2)."
        case .tempfail: "Every TLSA lookup failed (RFC 7672 §2.1.1)."
        }
    }
}

/// What becomes of mail to one host, from a sender that keeps to the RFCs and has nothing cached.
public enum HostOutcome: String, DocumentedValue {
    case protectedDANE = "protected_dane"
    case protectedSTS = "protected_sts"
    case refused
    case encrypted
    case opportunistic
    case unreached
    case unknown

    /// Whether delivery is authenticated.
    var isProtected: Bool { self == .protectedDANE || self == .protectedSTS }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .protectedDANE: "Delivered to a host that DANE authenticates (RFC 7672 §2.2)."
        case .protectedSTS: "Delivered to a host that an enforced policy allows (RFC 8461 §5)."
        case .refused: "DANE or an enforced policy forbids delivery (RFC 7672 §2.2, RFC 8461 §5)."
        case .encrypted: "TLS is mandatory and not authenticated (RFC 7672 §2.2)."
        case .opportunistic: "Delivered with TLS or without (RFC 7435 §3)."
        case .unreached: "Not refused, and no session was completed (RFC 5321 §4.5.4)."
        case .unknown: "A TLSA lookup failed, so delivery waits (RFC 7672 §2.1.1)."
        }
    }
}
