import DNS
import EventLoop
import Testing

@testable import Resolver

@Suite struct QueryTests {
    private final class Taker: LookupReceiver {
        var taken: [[LookupStatus]] = []
        func take(_ lookups: Lookups) { taken.append(lookups.map(\.status)) }
    }

    private func batch(for asker: any LookupReceiver) throws -> Batch {
        let server = try #require(NameServer("127.0.0.1"))
        let resolver = try Resolver(
            servers: [server], options: ResolverOptions(), loop: try EventLoop())
        let name = DomainName(canonical: "example.org")
        return Batch(
            [Question(name, .mx), Question(name, .a), Question(name, .txt)], for: asker,
            by: resolver, isHealthCheck: false)
    }

    @Test func `lookups are taken once, in the order of the questions`() throws {
        let taker = Taker()
        let batch = try batch(for: taker)
        for (slot, status) in [(2, LookupStatus.found), (0, .nodata), (1, .nxdomain)] {
            #expect(taker.taken.isEmpty)
            batch.complete(slot, Lookup(status: status))
        }
        #expect(taker.taken == [[.nodata, .nxdomain, .found]])
    }

    @Test func `what c-ares keeps is the question, and lives until it is taken back`() throws {
        weak var lastBatch: Batch?
        var kept: [UnsafeMutableRawPointer] = []
        do {
            let batch = try batch(for: Taker())
            lastBatch = batch
            for slot in 0..<3 { kept.append(Query(batch: batch, slot: slot).retained) }
        }
        for (slot, type) in [RecordType.mx, .a, .txt].enumerated() {
            #expect(lastBatch != nil)
            Query.takingBack(kept[slot]) { query in
                #expect(query.slot == slot)
                #expect(query.question.type == type)
            }
        }
        #expect(lastBatch == nil)
    }
}
