internal import DNS
internal import Judgement
internal import Observations
internal import Resolver

/// What is seen of a domain, as it grows from question to question.
///
/// An object, and all that changes it synchronous: what a domain in flight keeps across its awaits
/// is a reference, and 50,000 of them fit into memory.
final class DomainProgress {
    let domain: DomainName
    /// What was seen so far; nil before the first answers.
    private(set) var seen: DomainObservation?
    /// Where mail goes by what was seen; nil before that is known.
    private var route: MXTargets?
    private let previous: PriorState?

    init(of domain: DomainName, previous: PriorState?) {
        self.domain = domain
        self.previous = previous
    }

    // MARK: The domain's own questions

    /// The three questions that every domain is asked.
    var questions: [Question] {
        let mx = Question(domain, .mx)
        guard let record = Question(.mtaSTS, of: domain, .txt) else { return [mx] }
        guard let tlsrpt = Question(.smtpTLS, of: domain, .txt) else { return [mx, record] }
        return [mx, record, tlsrpt]
    }

    /// Takes what the three questions brought.
    ///
    /// `_smtp._tls` is longer than `_mta-sts`: where there is room for the first, there is for the
    /// other. A name too long to be put under such a label cannot have the record.
    @inline(never)
    func begin(with lookups: Lookups) {
        func lookup(_ index: Int) -> Lookup {
            index < lookups.count ? lookups[index] : Lookup(status: .nxdomain)
        }
        var observation = DomainObservation(mx: lookup(0), record: lookup(1), tlsrpt: lookup(2))
        if previous != nil { observation.previous = previous }
        seen = observation
    }

    /// Changes what was seen where it stands: while it does, nothing else holds it.
    private func change(_ body: (inout DomainObservation) -> Void) {
        guard var observation = seen.take() else { return }
        body(&observation)
        seen = observation
    }

    /// One of the three, and where its lookup belongs.
    struct Repeated {
        let keyPath: WritableKeyPath<DomainObservation, Lookup>
        let question: Question
    }

    /// Those of the three that failed for a passing reason.
    @inline(never)
    func repeated() -> [Repeated] {
        guard let seen else { return [] }
        let slots: [WritableKeyPath<DomainObservation, Lookup>] = [\.mx, \.record, \.tlsrpt]
        return zip(slots, questions).filter { seen[keyPath: $0.0].status.isTransient }
            .map { Repeated(keyPath: $0.0, question: $0.1) }
    }

    /// Takes what the questions asked again brought.
    @inline(never)
    func goOn(with lookups: Lookups, for repeated: [Repeated]) {
        change { seen in
            for (again, lookup) in zip(repeated, lookups) { seen[keyPath: again.keyPath] = lookup }
            seen.rounds += 1
        }
    }

    /// Whether the domain's own addresses are due (RFC 5321 §5.1: implicit MX).
    @inline(never)
    func lacksAddresses() -> Bool {
        guard let seen, seen.mx.status == .nodata else { return false }
        return seen.addresses?.decisive.status.isTransient != false
    }

    @inline(never)
    func take(_ addresses: AddressLookup) { change { $0.addresses = addresses } }

    // MARK: Policy and hosts

    /// Whether there is a record that calls for a policy (RFC 8461 §3.3).
    @inline(never)
    func hasRecord() -> Bool {
        seen.map { STSRecordStatus(of: $0.record).callsForFetch } ?? false
    }

    /// Whether no policy was looked for, or for a passing reason in vain.
    @inline(never)
    func lacksPolicy() -> Bool { seen?.policyFetchStatus?.isTransient != false }

    @inline(never)
    func take(_ policy: PolicyObservation?) { change { $0.policy = policy } }

    /// The first hosts that mail would go to.
    @inline(never)
    func targets(limit: Int) -> [DomainName] {
        guard let seen else { return [] }
        let route = MXTargets(to: domain, seen)
        self.route = route
        return route.hosts(limit: limit)
    }

    /// Takes the hosts, in the order of the targets.
    @inline(never)
    func take(_ hosts: [HostObservation]) { change { $0.hosts = hosts } }

    /// Takes what a host has shown in the end.
    func replaceHost(at index: Int, by host: HostObservation) {
        change { $0.hosts[index] = host }
    }

    /// What it all amounts to; nil where nothing was seen.
    @inline(never)
    func judgement(trustsAD: Bool) -> Judgement? {
        guard let seen, let route else { return nil }
        return Judgement(of: domain, seen, along: route, trustsAD: trustsAD)
    }
}
