import DNS
import Observations
import Testing

private func host(_ status: ProbeStatus, rounds: Int, tlsa: Lookup? = nil) -> HostObservation {
    HostObservation(
        name: DomainName(canonical: "mx.example.com"), addresses: nil, tlsa: tlsa, tlsaBase: nil,
        status: status, sessions: [], observedAt: 0, durationMS: 0, rounds: rounds)
}

@Suite struct `what may go by of itself` {
    @Test(
        arguments: [
            (.tcpTimeout, 1, true),  // four SYNs were lost, or the host is starting
            (.tcpTimeout, 2, false),  // eight: it is not there
            (.tcpRefused, 2, true),  // a server that is being started again
            (.greeting4xx, 5, true),  // RFC 5321 §4.2.1, as long as there are rounds
            (.ok, 1, false),
            (.starttlsNotOffered, 1, false),  // an answer
        ] as [(ProbeStatus, Int, Bool)])
    func `a silent address gets two rounds`(status: ProbeStatus, rounds: Int, isTransient: Bool) {
        #expect(host(status, rounds: rounds).isTransient == isTransient)
    }

    @Test func `a TLSA question is asked again all the same`() {
        let unanswered = Lookup(status: .servfail)
        #expect(host(.tcpTimeout, rounds: 2, tlsa: unanswered).isTransient)
    }

    @Test(arguments: [(1, true), (2, false)])
    func `a silent policy host gets two rounds, too`(rounds: Int, isTransient: Bool) {
        var seen = Scene(mx: "mx.example.com").observation
        seen.policy = PolicyObservation(
            host: DomainName(canonical: "mta-sts.example.com"), addresses: nil,
            status: .tcpTimeout)
        seen.rounds = rounds
        #expect(seen.isTransient == isTransient)
    }
}
