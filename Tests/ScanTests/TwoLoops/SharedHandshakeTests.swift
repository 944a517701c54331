import DNS
import EventLoop
import Records
import Testing

@testable import Scan

private func host(_ number: Int) -> DomainName { DomainName(canonical: "mx\(number).example") }

/// Does as a loop that wants to know what becomes of a host, and probes it where it is to.
@Sendable private func visit(_ share: HandshakeShare, _ host: DomainName, _ key: ShareKey) async {
    guard case .probe(let isSample) = await share.plan(for: host, in: key) else { return }
    await Task.yield()
    await share.report([], of: host, in: key, isSample: isSample)
}

@Suite struct `handshakes shared by two loops` {
    @Test func `no host waits for a report that has come, nor in a group that was forgotten`()
        throws
    {
        let loops = try TwoLoops()
        let share = HandshakeShare(
            ShareRule(after: 1, sampleEvery: 100), groupLimit: 1, on: loops.first)
        // Each goes from key to key, and so meets the others at most of them.
        for place in 0..<4 {
            loops.begin(on: place % 2 == 0 ? loops.first : loops.second) {
                for number in 0..<10_000 {
                    await visit(share, host(place), ShareKey(domain: "\(number)", addresses: []))
                }
            }
        }
        #expect(try loops.run(until: 4) == 4)
    }
}
