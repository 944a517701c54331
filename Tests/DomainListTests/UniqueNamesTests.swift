import DNS
import Testing

@testable import DomainList

@Suite("Names seen before")
struct UniqueNamesTests {
    @Test("a name is new once")
    func once() {
        let names = UniqueNames()
        for number in 0..<100_000 {
            #expect(names.insert(DomainName(canonical: "domain-\(number).example")))
        }
        for number in stride(from: 0, to: 100_000, by: 7) {
            #expect(!names.insert(DomainName(canonical: "domain-\(number).example")))
        }
        #expect(names.count == 100_000)
    }

    @Test("hashes that meet in a slot, and the hash 0, are kept apart")
    func collisions() {
        let names = UniqueNames()
        let hashes = (0..<5_000).map { UInt64.max - $0 }  // all at the end of the last table
        #expect(hashes.allSatisfy { names.insert(hash: $0) })
        #expect(hashes.allSatisfy { !names.insert(hash: $0) })
        #expect(names.insert(hash: 0))
        #expect(!names.insert(hash: 0))
    }

    @Test("a name takes 9.4 to 12 bytes once the first tables are full")
    func memory() {
        let names = UniqueNames()
        var hash: UInt64 = 0
        for number in 1...3_000_000 {
            hash &+= 0x9E37_79B9_7F4A_7C15
            _ = names.insert(hash: (hash ^ hash >> 31) &* 0xBF58_476D_1CE4_E5B9)
            guard number > 1_000_000, number % 100_000 == 0 else { continue }
            #expect((9.4...12.0).contains(Double(names.bytes) / Double(names.count)))
        }
    }
}
