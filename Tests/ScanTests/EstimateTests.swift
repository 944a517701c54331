import ConnectionLimits
import Probe
import Resolver
import Testing

@testable import Scan

/// An estimate for so many domains, by the defaults but for what a test changes.
private func estimate(
    _ domains: Int, cores: Int = 2, changing change: (inout ScanOptions) -> Void = { _ in }
) throws -> Estimate {
    var options = ScanOptions()
    options.nameServers = [try #require(NameServer("127.0.0.1"))]
    change(&options)
    try options.complete()
    return Estimate(
        domains: domains, entries: domains, by: options, assuming: options.assumptions,
        cores: cores)
}

@Suite struct `what a scan will take` {
    @Test func `grows with the list`() throws {
        let sizes = [1, 100, 10_000, 1_000_000, 160_000_000]
        let all = try sizes.map { try estimate($0) }
        for (small, large) in zip(all, all.dropFirst()) {
            #expect(small.duration < large.duration)
            #expect(small.questions < large.questions)
            #expect(small.hosts < large.hosts && small.policies < large.policies)
            #expect(small.memory <= large.memory && small.disk < large.disk)
        }
        #expect(all[0].duration < 20)
    }

    @Test func `is nothing but the start without a domain`() throws {
        let none = try estimate(0)
        #expect(none.questions == 0 && none.hosts == 0 && none.policies == 0 && none.sent == 0)
        #expect(none.duration < 1)
    }

    @Test func `has the hosts and records that surveys have found`() {
        let assumed = Assumptions()
        #expect(assumed.hostCount(of: 1000).rounded() == 421)
        #expect(abs(assumed.hostCount(of: 1e6) / 367_190 - 1) < 0.02)
        #expect(assumed.recordCount(of: 10_000) == 220)
        #expect(abs(assumed.recordCount(of: 1e6) / 7000 - 1) < 0.02)
        #expect(abs(assumed.recordCount(of: 74e6) / 80_000 - 1) < 0.02)
        #expect(assumed.hostCount(of: 2) <= 2)
    }

    @Test func `is decided by what takes longest, and ends after the retries`() throws {
        let slow = try estimate(1_000_000) { $0.senders = 1 }
        #expect(slow.limit == .senders)
        #expect(slow.seconds[.senders] == 600_000)
        #expect(abs(slow.duration - 600_674) < 0.001)
        let unretried = try estimate(1_000_000) {
            $0.senders = 1
            $0.retryDelays = []
        }
        #expect(unretried.duration == 600_604)
        let still = try estimate(1_000_000) {
            $0.senders = 1
            $0.retryDelays = []
            $0.probeScope = .none
        }
        #expect(still.duration == 600_004)
        let near = try estimate(1_000_000) {
            $0.assumptions.answerTime = 0.001
            $0.retryDelays = []
            $0.probeScope = .none
        }
        #expect(near.waitsForSlowest == 0)
    }

    @Test func `has no hosts where none are probed, and no policies where none are fetched`() throws
    {
        let all = try estimate(10_000)
        let records = try estimate(10_000) { $0.probeScope = .records }
        let none = try estimate(10_000) {
            $0.probeScope = .none
            $0.fetchScope = .none
        }
        #expect(none.hosts == 0 && none.policies == 0)
        #expect(none.seconds[.sessions] == 0 && none.seconds[.provider] == 0)
        #expect(records.hosts == Assumptions().hostCount(of: 220) && records.hosts < all.hosts)
        #expect(none.questions < records.questions && records.questions < all.questions)
    }

    @Test func `takes longer with a share of the limits`() throws {
        let whole = try estimate(1_000_000)
        let part = try estimate(1_000_000) { $0.limitsShare = 4 }
        for limit in [Estimate.Limit.questions, .fetches, .sessions, .provider] {
            let (before, after) = (whole.seconds[limit] ?? 0, part.seconds[limit] ?? 0)
            #expect(abs(after / before - 4) < 0.01, "\(limit)")
        }
    }

    @Test func `is limited by the rate of questions, on loopback where that is said`() throws {
        let near = try estimate(1_000_000)
        #expect(near.seconds[.dnsRate] == 0)
        let far = try estimate(1_000_000) {
            $0.nameServers = ["192.0.2.1", "192.0.2.2"].compactMap { NameServer($0) }
            $0.threads = 2
        }
        let seconds = try #require(far.seconds[.dnsRate])
        #expect(abs(seconds - far.questions / 2000) < 0.001)
        #expect(far.limit == .dnsRate)
        // The resolver's processor time is another machine's.
        #expect((far.seconds[.processors] ?? 0) < (near.seconds[.processors] ?? 0))
    }

    @Test func `has a resolver that asks others only where it does recursion`() throws {
        let forwarding = try estimate(10_000) { $0.assumptions.upstream = 0 }
        #expect(forwarding.upstream == 0 && forwarding.resolverSeconds == 0)
        #expect(forwarding.resolverMemory == 0 && forwarding.resolverSent == 0)
    }

    @Test func `rests on what is assumed`() throws {
        var assumed = Assumptions()
        let texts = ["hosts=5000", "shared=0", "records=70", "cores=8", "largest=1"]
        for text in texts {
            let isSet = assumed.set(text[...])
            #expect(isSet, "\(text)")
        }
        let found = try estimate(1_000_000) {
            $0.assumptions = assumed
            $0.limits.domain.atOnce = 0
        }
        #expect(found.hosts == 5000 && found.policies == 70 && found.cores == 8)
        #expect(found.sessions == 5000)
        #expect(found.seconds[.provider] == 250)
    }

    @Test(arguments: ["", "hosts", "hosts=", "hosts=x", "hosts=-1", "mail=2", "sky=1", "hosts=1=2"])
    func `refuses other assumptions`(text: String) {
        var assumed = Assumptions()
        let isSet = assumed.set(text[...])
        #expect(!isSet)
        #expect(assumed == Assumptions())
    }

    @Test func `is said in two digits`() {
        #expect(EstimatePage.time(0) == "0 s")
        #expect(EstimatePage.time(1.26) == "1.3 s")
        #expect(EstimatePage.time(119.4) == "120 s")
        #expect(EstimatePage.time(5000) == "83 min")
        #expect(EstimatePage.time(100_000) == "28 h")
        #expect(EstimatePage.time(1_000_000) == "12 days")
        #expect(EstimatePage.octets(940) == "940 B")
        #expect(EstimatePage.octets(40_400_000_000) == "40 GB")
    }
}
