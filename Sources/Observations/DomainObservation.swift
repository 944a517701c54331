public import DNS

/// Everything seen at one policy domain, in the order a sender would see it.
///
/// Facts only.
public struct DomainObservation: Sendable {
    /// MX of the domain (RFC 5321 §5.1).
    public var mx: Lookup {
        get { lookups.mx }
        set { lookups = DomainLookups(mx: newValue, record: record, tlsrpt: tlsrpt) }
    }
    /// TXT of `_mta-sts.` and the domain (RFC 8461 §3.1).
    public var record: Lookup {
        get { lookups.record }
        set { lookups = DomainLookups(mx: mx, record: newValue, tlsrpt: tlsrpt) }
    }
    /// TXT of `_smtp._tls.` and the domain (RFC 8460 §3).
    public var tlsrpt: Lookup {
        get { lookups.tlsrpt }
        set { lookups = DomainLookups(mx: mx, record: record, tlsrpt: newValue) }
    }
    /// A and AAAA of the domain itself, looked up where MX is absent (RFC 5321 §5.1, implicit MX).
    public var addresses: AddressLookup? {
        get { further?.addresses }
        set { further = FurtherFacts(newValue, policy, previous, draftTLSRPT) }
    }
    /// TXT of `_smtp-tlsrpt.` and the domain, the name in drafts before RFC 8460; nil where it was
    /// not asked for: without an MTA-STS record, or with a TLSRPT record.
    public var draftTLSRPT: Lookup? {
        get { further?.draftTLSRPT }
        set { further = FurtherFacts(addresses, policy, previous, newValue) }
    }
    /// The fetch of the policy; nil where no TXT record called for one.
    public var policy: PolicyObservation? {
        get { further?.policy }
        set { further = FurtherFacts(addresses, newValue, previous, draftTLSRPT) }
    }
    /// How the fetch ended, without a copy of all that it brought.
    public var policyFetchStatus: PolicyFetchStatus? { further?.policy?.status }
    /// The hosts that mail to the domain would go to, in order of preference.
    public var hosts: [HostObservation] = []
    /// What an earlier scan knows; nil without one, and where it had no record of the domain.
    public var previous: PriorState? {
        get { further?.previous }
        set { further = FurtherFacts(addresses, policy, newValue, draftTLSRPT) }
    }
    /// How many attempts it took: 1, and one more for each retry of something that had failed
    /// transiently.
    public var rounds = 1

    private var lookups: DomainLookups
    private var further: FurtherFacts?

    /// An observation from its lookups.
    public init(
        mx: Lookup, record: Lookup, tlsrpt: Lookup, addresses: AddressLookup? = nil
    ) {
        lookups = DomainLookups(mx: mx, record: record, tlsrpt: tlsrpt)
        if addresses != nil { self.addresses = addresses }
    }
}

/// The lookups of every domain, held by reference, since they are passed from stage to stage.
private final class DomainLookups: Sendable {
    let mx: Lookup
    let record: Lookup
    let tlsrpt: Lookup

    init(mx: Lookup, record: Lookup, tlsrpt: Lookup) {
        self.mx = mx
        self.record = record
        self.tlsrpt = tlsrpt
    }
}

/// What is large and mostly absent, held by reference, so that an observation stays small.
private final class FurtherFacts: Sendable {
    let addresses: AddressLookup?
    let policy: PolicyObservation?
    let previous: PriorState?
    let draftTLSRPT: Lookup?

    init(
        _ addresses: AddressLookup?, _ policy: PolicyObservation?, _ previous: PriorState?,
        _ draftTLSRPT: Lookup?
    ) {
        self.addresses = addresses
        self.policy = policy
        self.previous = previous
        self.draftTLSRPT = draftTLSRPT
    }
}

/// The two address lookups of one name.
public struct AddressLookup: Sendable {
    /// The A lookup.
    public var a: Lookup
    /// The AAAA lookup.
    public var aaaa: Lookup

    /// Both lookups of a name.
    public init(a: Lookup, aaaa: Lookup) {
        self.a = a
        self.aaaa = aaaa
    }

    /// The addresses found, IPv4 first, each in the order received.
    public var addresses: [IPAddress] {
        (a.records + aaaa.records).compactMap {
            switch $0 {
            case .a(let address), .aaaa(let address): address
            default: nil
            }
        }
    }

    /// Each address once, IPv4 first, in the order of their octets: the same whatever order answers
    /// have.
    package var sortedAddresses: [IPAddress] { Set(addresses).sorted() }

    /// Whether any were found.
    package var hasAddresses: Bool { !a.records.isEmpty || !aaaa.records.isEmpty }

    /// The decisive lookup: the one with addresses, else the one that is no answer.
    public var decisive: Lookup {
        if a.status == .found { return a }
        if aaaa.status == .found { return aaaa }
        return a.status.isAnswer ? aaaa : a
    }
}
