internal import Admission
internal import DNS
internal import MTASTS
internal import PolicyFetch
internal import Resolver
internal import Survey

/// Observes one policy domain in the order in which a sending MTA would go.
final class DomainScan {
    private let resolver: Resolver
    private let fetcher: PolicyFetcher
    private let contacts: Contacts
    private let probeScope: ProbeScope
    private let mxHostLimit: Int
    private let carryOver: CarryOver?

    init(
        _ options: ScanOptions, resolver: Resolver, fetcher: PolicyFetcher, contacts: Contacts
    ) {
        self.resolver = resolver
        self.fetcher = fetcher
        self.contacts = contacts
        probeScope = options.probeScope
        mxHostLimit = options.mxHostLimit
        carryOver = options.carryOver
    }

    /// Nothing yet, of a domain that is to be observed.
    func sight(of domain: DomainName) -> DomainSight {
        DomainSight(of: domain, previous: carryOver?.previous[domain])
    }

    // MARK: The three questions

    /// Asks the three questions; `asker` takes the lookups with which the sight begins.
    func ask(about sight: DomainSight, for asker: any Asker) {
        resolver.ask(sight.questions, for: asker)
    }

    /// Asks the three questions, and begins the sight.
    func begin(_ sight: DomainSight) async {
        sight.begin(with: await resolver.lookups(sight.questions))
    }

    /// Asks those of the three again that failed for a passing reason.
    func askAgain(_ sight: DomainSight) async {
        let repeated = sight.repeated()
        sight.goOn(with: await resolver.lookups(repeated.map(\.question)), for: repeated)
    }

    // MARK: What follows from them

    /// Ends a sight to which nothing is missing but hosts that are known; false for others.
    func end(_ sight: DomainSight, known: (DomainName) -> HostObservation?) -> Bool {
        guard !sight.lacksAddresses(), !sight.hasRecord() else { return false }
        let targets = sight.targets(limit: mxHostLimit)
        guard probes(hasRecord: false) else {
            sight.take(targets.map(HostObservation.notProbed))
            return true
        }
        var hosts: [HostObservation] = []
        for target in targets {
            guard let host = known(target) else { return false }
            hosts.append(host)
        }
        sight.take(hosts)
        return true
    }

    /// Observes what the three questions call for; `host` tells of an MX host, from memory where it
    /// is known, `begin` has hosts looked at together, and `beforePolicy` is told that its server
    /// is waited for.
    ///
    /// Of what was seen before only that is asked again which failed for a passing reason.
    /// Where too many wait already for what the domain needs, that is thrown, unless it `mustWait`.
    func goOn(
        _ sight: DomainSight, mustWait: Bool,
        host: (DomainName) async throws(Crowded) -> HostObservation,
        begin: ([DomainName]) -> Void, beforePolicy: () -> Void = {}
    ) async throws(Crowded) {
        if sight.lacksAddresses() { sight.take(await resolver.addresses(of: sight.domain)) }
        let hasRecord = sight.hasRecord()
        if hasRecord, sight.lacksPolicy() {
            beforePolicy()
            try await addPolicy(to: sight, mustWait: mustWait)
        }
        let targets = sight.targets(limit: mxHostLimit)
        guard probes(hasRecord: hasRecord) else {
            return sight.take(targets.map(HostObservation.notProbed))
        }
        begin(targets)
        var hosts: [HostObservation] = []
        for target in targets { hosts.append(try await host(target)) }
        sight.take(hosts)
    }

    private func probes(hasRecord: Bool) -> Bool {
        switch probeScope {
        case .all: true
        case .records: hasRecord
        case .none: false
        }
    }

    /// Kept out of `goOn`, whose frame every domain that waits has, most without a policy.
    @inline(never)
    private func addPolicy(to sight: DomainSight, mustWait: Bool) async throws(Crowded) {
        guard let record = sight.seen?.record else { return }
        sight.take(try await policy(of: sight.domain, record, mustWait: mustWait))
    }

    /// The policy as senders would have it from before, its host looked up, or else fetched.
    private func policy(
        of domain: DomainName, _ record: Lookup, mustWait: Bool
    ) async throws(Crowded) -> PolicyObservation? {
        guard let policyHost = PolicyHost(of: domain) else { return nil }
        let known = carryOver?.policy(
            of: domain, record, on: policyHost.name, at: WallClock.seconds())
        guard var known else { return try await fetchPolicy(from: policyHost, mustWait: mustWait) }
        // Who serves the policy is told by names and addresses, which are asked for all the same.
        if !contacts.excludes(policyHost.name) {
            known.addresses = await resolver.addresses(of: policyHost.name)
        }
        return known
    }

    private func fetchPolicy(
        from policyHost: PolicyHost, mustWait: Bool
    ) async throws(Crowded) -> PolicyObservation {
        guard !contacts.excludes(policyHost.name) else {
            return PolicyObservation(host: policyHost.name, addresses: nil, status: .blocked)
        }
        let lookups = await resolver.addresses(of: policyHost.name)
        func unfetched(_ status: PolicyFetchStatus) -> PolicyObservation {
            PolicyObservation(host: policyHost.name, addresses: lookups, status: status)
        }
        let found = lookups.addresses
        guard !found.isEmpty else { return unfetched(lookups.fetchFailure) }
        guard !contacts.excludes(endOf: lookups) else { return unfetched(.blocked) }
        let allowed = found.filter { contacts.refusal(of: $0) == nil }
        guard !allowed.isEmpty else {
            let isBlocked = found.contains { contacts.refusal(of: $0) == .blocked }
            return unfetched(isBlocked ? .blocked : .notContacted)
        }
        switch await fetcher.join(policyHost.name, at: allowed, mustWait: mustWait) {
        case .joined: break
        case .full(let crowded): throw .destination(crowded)
        case .overdue: return .overdue(policyHost.name, lookups)
        }
        let seen = await fetcher.observe(
            policyHost.name, url: policyHost.url, lookups: lookups, at: allowed)
        await fetcher.part(policyHost.name, at: allowed)
        return seen
    }
}
