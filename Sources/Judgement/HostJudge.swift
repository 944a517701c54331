internal import DNS
internal import Observations

/// What all hosts of one domain are judged by.
struct HostJudge {
    /// The policy domain.
    var domain: DomainName
    /// The policy in force or under test.
    var policy: PolicyMatcher?
    /// Whether the RRset that names the hosts is validated.
    var isMXSecure: Bool
    /// Whether AD bits count.
    var trustsAD: Bool

    /// The judgements of the hosts, in the order a sender tries them.
    func judge(_ exchanges: [MXExchange], _ seen: DomainObservation) -> [HostJudgement] {
        var judgements: [HostJudgement] = []
        judgements.reserveCapacity(exchanges.count)
        for (place, exchange) in exchanges.enumerated() {
            let host = seen.host(exchange.name, at: place)
            judgements.append(
                HostJudgement(
                    exchange, seen: host, policy: policy,
                    dane: host.map { status(of: $0, seen, takesAnySuccess: false) } ?? .notAsked,
                    isMXSecure: isMXSecure))
            if let host, judgements[place].status == .starttls2xx {
                judgements[place].daneAfterAnySuccess =
                    status(of: host, seen, takesAnySuccess: true)
            }
        }
        return judgements
    }

    /// What DANE says of a host of the domain.
    private func status(
        of host: HostObservation, _ seen: DomainObservation, takesAnySuccess: Bool
    ) -> HostDANEStatus {
        // RFC 7672 §3.2.2: the next-hop domain, and what a validated alias makes of it.
        host.daneStatus(
            trustsAD: trustsAD, names: [domain] + (isMXSecure ? seen.mx.aliases.suffix(1) : []),
            takesAnySuccess: takesAnySuccess)
    }
}

extension DomainObservation {
    /// The host of a name, which nearly always has the index `place`: hosts are judged in order.
    func host(_ name: DomainName, at place: Int) -> HostObservation? {
        if place < hosts.count, hosts[place].name == name { return hosts[place] }
        return hosts.first { $0.name == name }
    }
}
