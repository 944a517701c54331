internal import DNS
internal import MTASTS
internal import PolicyFetch
internal import Resolver
internal import Survey

/// Observes one policy domain in the order in which a sending MTA would go.
struct DomainScan {
    let resolver: Resolver
    let fetcher: PolicyFetcher
    let contacts: Contacts
    let probeScope: ProbeScope
    let mxHostLimit: Int
    let carryOver: CarryOver?

    /// Observes `domain`; `host` tells of an MX host, from memory where it is known, and `onAsked`
    /// is told when the domain's own questions are answered.
    ///
    /// Of what was `seen` before only that is asked again which failed for a passing reason.
    func observe(
        _ domain: DomainName, after seen: DomainObservation? = nil,
        host: (DomainName) async -> HostObservation, begin: ([DomainName]) -> Void,
        onAsked: () -> Void = {}
    ) async -> DomainObservation {
        var seen =
            if let seen { await askAgain(domain, after: seen) } else { await ask(domain) }
        if seen.mx.status == .nodata, seen.addresses?.decisive.status.isPassing != false {
            seen.addresses = await resolver.addresses(of: domain)  // RFC 5321 §5.1: implicit MX
        }
        onAsked()
        let hasRecord = STSRecordStatus(of: seen.record).callsForFetch
        if hasRecord, seen.policy?.status.isPassing != false {  // RFC 8461 §3.3
            seen.policy = await policy(of: domain, seen.record)
        }
        let targets = targets(of: domain, seen)
        guard probes(hasRecord: hasRecord) else {
            seen.hosts = targets.map(HostObservation.notProbed)
            return seen
        }
        begin(targets)
        seen.hosts = []
        for target in targets { seen.hosts.append(await host(target)) }
        return seen
    }

    private func targets(of domain: DomainName, _ seen: DomainObservation) -> [DomainName] {
        Array(seen.mxHosts(of: domain).prefix(mxHostLimit))
    }

    private func probes(hasRecord: Bool) -> Bool {
        switch probeScope {
        case .all: true
        case .records: hasRecord
        case .none: false
        }
    }

    /// The three questions that every domain is asked.
    private func ask(_ domain: DomainName) async -> DomainObservation {
        let record = PolicyHost.recordName(of: domain)  // RFC 8461 §3.1
        let tlsrpt = domain.prefixed(by: reportingLabels)  // RFC 8460 §3
        var questions = [Question(domain, .mx)]
        questions.reserveCapacity(3)
        if let record { questions.append(Question(record, .txt)) }
        if let tlsrpt { questions.append(Question(tlsrpt, .txt)) }
        let lookups = await resolver.lookups(questions)
        // A name too long to be put under such a label cannot have the record.
        let tooLong = Lookup(status: .nxdomain)
        var seen = DomainObservation(
            mx: lookups[0], record: record == nil ? tooLong : lookups[1],
            tlsrpt: tlsrpt == nil ? tooLong : lookups[lookups.count - 1])
        seen.previous = carryOver?.previous[domain]
        return seen
    }

    /// Those of the three that failed for a passing reason.
    private func askAgain(
        _ domain: DomainName, after seen: DomainObservation
    ) async -> DomainObservation {
        var seen = seen
        let questions: [(WritableKeyPath<DomainObservation, Lookup>, Question?)] = [
            (\.mx, Question(domain, .mx)),
            (\.record, PolicyHost.recordName(of: domain).map { Question($0, .txt) }),
            (\.tlsrpt, domain.prefixed(by: reportingLabels).map { Question($0, .txt) }),
        ]
        let due = questions.filter { seen[keyPath: $0.0].status.isPassing && $0.1 != nil }
        let lookups = await resolver.lookups(due.compactMap(\.1))
        for ((place, _), lookup) in zip(due, lookups) { seen[keyPath: place] = lookup }
        seen.rounds += 1
        return seen
    }

    /// The policy as senders would have it from before, or else fetched.
    private func policy(of domain: DomainName, _ record: Lookup) async -> PolicyObservation? {
        guard let policyHost = PolicyHost(of: domain) else { return nil }
        let known = carryOver?.policy(
            of: domain, record, on: policyHost.name, at: WallClock.seconds())
        if let known { return known }
        return await fetchPolicy(from: policyHost)
    }

    private func fetchPolicy(from policyHost: PolicyHost) async -> PolicyObservation {
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
        return await fetcher.observe(
            policyHost.name, url: policyHost.url, lookups: lookups, at: allowed)
    }
}

private let reportingLabels = DomainName(canonical: "_smtp._tls")
