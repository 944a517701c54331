import DNS
import Observations
import Testing

@testable import Scan

@Suite struct HostDirectoryTests {
    private func host(_ name: String, _ number: Int = 1) -> HostObservation {
        HostObservation(
            name: DomainName(canonical: name), addresses: nil, tlsa: nil, tlsaBase: nil,
            status: .ok, sessions: [], observedAt: 0, durationMS: 0, number: number)
    }

    /// Asks for a host as a domain does, and settles what nobody knows.
    private func ask(_ directory: HostCache, _ name: String) -> Bool {
        switch directory.look(up: DomainName(canonical: name)) {
        case .known: return true
        case .underWay: return false
        case .nothing(let pending):
            directory.settle(pending, host(name))
            return false
        }
    }

    @Test func `no more than the limit are known`() {
        let directory = HostCache(limit: 3)
        for number in 0..<100 { #expect(!ask(directory, "mx\(number)")) }
        #expect(directory.known == 3)
        #expect(directory.evicted == 97)
    }

    @Test func `a host that is asked for time and again stays`() {
        let directory = HostCache(limit: 4)
        _ = ask(directory, "popular")
        for number in 0..<100 {
            _ = ask(directory, "mx\(number)")
            #expect(ask(directory, "popular"))
        }
    }

    @Test func `a host under way is never forgotten`() {
        let directory = HostCache(limit: 1)
        guard case .nothing = directory.look(up: DomainName(canonical: "slow")) else {
            Issue.record("it was known")
            return
        }
        for number in 0..<10 { _ = ask(directory, "mx\(number)") }
        guard case .underWay = directory.look(up: DomainName(canonical: "slow")) else {
            Issue.record("it was forgotten")
            return
        }
    }

    @Test func `of two observations that are restored the later counts`() {
        let directory = HostCache(limit: 5)
        directory.restore(host("mx", 1))
        directory.restore(host("mx", 7))
        #expect(directory.known == 1)
        guard case .known(let seen) = directory.look(up: DomainName(canonical: "mx")) else {
            Issue.record("it is not known")
            return
        }
        #expect(seen.number == 7)
    }
}
