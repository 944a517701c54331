internal import ConnectionLimits
internal import DNS
internal import MTASTS
internal import Observations
internal import PolicyFetch
internal import Resolver

/// Observes one policy domain in the order in which a sending MTA would go.
final class DomainScan {
    private let resolver: Resolver
    private let fetcher: PolicyFetcher
    private let contacts: TargetPolicy
    private let probeScope: ProbeScope
    private let mxHostLimit: Int
    private let carryOver: CarryOver?

    init(
        _ options: ScanOptions, resolver: Resolver, fetcher: PolicyFetcher, contacts: TargetPolicy
    ) {
        self.resolver = resolver
        self.fetcher = fetcher
        self.contacts = contacts
        probeScope = options.probeScope
        mxHostLimit = options.mxHostLimit
        carryOver = options.carryOver
    }

    /// Nothing yet, of a domain that is to be observed.
    func progress(of domain: DomainName) -> DomainProgress {
        DomainProgress(of: domain, previous: carryOver?.previous[domain])
    }

    // MARK: The three questions

    /// Asks the three questions; `asker` takes the lookups with which the sight begins.
    func ask(about progress: DomainProgress, for asker: any LookupReceiver) {
        resolver.ask(progress.questions, for: asker)
    }

    /// Asks the three questions, and begins the sight.
    func begin(_ progress: DomainProgress) async {
        progress.begin(with: await resolver.lookups(progress.questions))
    }

    /// Asks those of the three again that failed for a passing reason.
    func askAgain(_ progress: DomainProgress) async {
        let repeated = progress.repeated()
        progress.goOn(with: await resolver.lookups(repeated.map(\.question)), for: repeated)
    }

    // MARK: What follows from them

    /// Ends a sight to which nothing is missing but hosts that are known; false for others.
    func end(_ progress: DomainProgress, known: (DomainName) -> HostObservation?) -> Bool {
        guard !progress.lacksAddresses(), !progress.hasRecord() else { return false }
        let targets = progress.targets(limit: mxHostLimit)
        guard probes(hasRecord: false) else {
            progress.take(targets.map(HostObservation.notProbed))
            return true
        }
        var hosts: [HostObservation] = []
        for target in targets {
            guard let host = known(target) else { return false }
            hosts.append(host)
        }
        progress.take(hosts)
        return true
    }

    /// Observes what the three questions call for; `host` tells of an MX host, from memory where it
    /// is known, `begin` has hosts looked at together, and `beforePolicy` is told that its server
    /// is waited for.
    ///
    /// Of what was seen before only that is asked again which failed for a passing reason.
    /// Where too many wait already for what the domain needs, that is thrown, unless it `mustWait`.
    func goOn(
        _ progress: DomainProgress, mustWait: Bool,
        host: (DomainName) async throws(BusyTarget) -> HostObservation,
        begin: ([DomainName]) -> Void, beforePolicy: () -> Void = {}
    ) async throws(BusyTarget) {
        if progress.lacksAddresses() {
            progress.take(await resolver.addresses(of: progress.domain))
        }
        let hasRecord = progress.hasRecord()
        if hasRecord, progress.lacksPolicy() {
            beforePolicy()
            try await addPolicy(to: progress, mustWait: mustWait)
        }
        let targets = progress.targets(limit: mxHostLimit)
        guard probes(hasRecord: hasRecord) else {
            return progress.take(targets.map(HostObservation.notProbed))
        }
        begin(targets)
        var hosts: [HostObservation] = []
        for target in targets { hosts.append(try await host(target)) }
        progress.take(hosts)
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
    private func addPolicy(to progress: DomainProgress, mustWait: Bool) async throws(BusyTarget) {
        guard let record = progress.seen?.record else { return }
        progress.take(try await policy(of: progress.domain, record, mustWait: mustWait))
    }

    /// The policy as senders would have it from before, its host looked up, or else fetched.
    private func policy(
        of domain: DomainName, _ record: Lookup, mustWait: Bool
    ) async throws(BusyTarget) -> PolicyObservation? {
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
    ) async throws(BusyTarget) -> PolicyObservation {
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
