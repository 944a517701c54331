public import DNS

/// Everything seen at one policy domain, in the order a sender would see it.
///
/// Facts only.
public struct DomainObservation: Sendable {
    /// MX of the domain (RFC 5321 §5.1).
    public var mx: Lookup {
        get { facts.mx }
        set { change { $0.mx = newValue } }
    }
    /// TXT of `_mta-sts.` and the domain (RFC 8461 §3.1).
    public var record: Lookup {
        get { facts.record }
        set { change { $0.record = newValue } }
    }
    /// TXT of `_smtp._tls.` and the domain (RFC 8460 §3).
    public var tlsrpt: Lookup {
        get { facts.tlsrpt }
        set { change { $0.tlsrpt = newValue } }
    }
    /// A and AAAA of the domain itself, looked up where MX is absent (RFC 5321 §5.1, implicit MX).
    public var addresses: AddressLookup? {
        get { facts.addresses }
        set { change { $0.addresses = newValue } }
    }
    /// The fetch of the policy; nil where no TXT record called for one.
    public var policy: PolicyObservation? {
        get { facts.policy?.value }
        set { change { $0.policy = newValue.map(Held.init) } }
    }
    /// How the fetch ended, without a copy of all that it brought.
    public var policyFetchStatus: PolicyFetchStatus? { facts.policy?.value.status }
    /// The hosts that mail to the domain would go to, in order of preference.
    public var hosts: [HostObservation] {
        get { facts.hosts }
        set { change { $0.hosts = newValue } }
    }
    /// What an earlier scan knows; nil without one, and where it had no record of the domain.
    public var previous: PriorState? {
        get { facts.previous?.value }
        set { change { $0.previous = newValue.map(Held.init) } }
    }
    /// How many attempts it took: 1, and one more for each retry of something that had failed
    /// transiently.
    public var rounds: Int {
        get { facts.rounds }
        set { change { $0.rounds = newValue } }
    }

    private var facts: DomainFacts

    /// An observation from its lookups.
    public init(
        mx: Lookup, record: Lookup, tlsrpt: Lookup, addresses: AddressLookup? = nil
    ) {
        facts = DomainFacts(mx: mx, record: record, tlsrpt: tlsrpt)
        facts.addresses = addresses
    }

    private mutating func change(_ body: (DomainFacts) -> Void) {
        if !isKnownUniquelyReferenced(&facts) { facts = facts.copy() }
        body(facts)
    }
}

/// The facts of one domain, held by reference, since they are passed from stage to stage.
///
/// `@unchecked Sendable`: they change only where an observation is their one holder.
private final class DomainFacts: @unchecked Sendable {
    var mx: Lookup
    var record: Lookup
    var tlsrpt: Lookup
    var addresses: AddressLookup?
    var hosts: [HostObservation] = []
    var rounds = 1
    var policy: Held<PolicyObservation>?
    var previous: Held<PriorState>?

    init(mx: Lookup, record: Lookup, tlsrpt: Lookup) {
        self.mx = mx
        self.record = record
        self.tlsrpt = tlsrpt
    }

    func copy() -> DomainFacts {
        let copy = DomainFacts(mx: mx, record: record, tlsrpt: tlsrpt)
        copy.addresses = addresses
        copy.hosts = hosts
        copy.rounds = rounds
        copy.policy = policy
        copy.previous = previous
        return copy
    }
}

/// Holds by reference what is large and mostly absent, so that an observation stays small.
private final class Held<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
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
