import Testing

@testable import Networks

/// The innermost range of an address, by looking at each.
private func naive(_ ranges: [RangeTable<UInt32>.Range], _ address: UInt32) -> UInt32? {
    ranges.filter { $0.first <= address && address <= $0.last }
        .min { $0.last - $0.first < $1.last - $1.first }?.facts
}

struct RangeTableTests {
    /// Prefixes of all lengths, dense enough to lie in one another, each once.
    private func prefixes(
        _ count: Int, _ random: inout some RandomNumberGenerator
    ) -> [RangeTable<UInt32>.Range] {
        var seen: Set<[UInt32]> = []
        var ranges: [RangeTable<UInt32>.Range] = []
        for number in 0..<count {
            let length = UInt32.random(in: number == 0 ? 0...1 : 20...32, using: &random)
            let host: UInt32 = length == 0 ? .max : (1 << (32 - length)) - 1
            let base = UInt32.random(in: 0..<(1 << 14), using: &random)
            // Some lie at the very end of the addresses.
            let first = (Bool.random(using: &random) ? base : .max - base) & ~host
            guard seen.insert([first, length]).inserted else { continue }
            ranges.append(.init(first: first, last: first | host, facts: UInt32(number)))
        }
        return ranges
    }

    @Test(arguments: [1, 2, 30, 500])
    func theLongestPrefixIsFound(count: Int) throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            let ranges = prefixes(count, &random)
            let table = try RangeTable(ranges)
            var addresses = (0..<200).map { _ in UInt32.random(in: 0..<(1 << 15), using: &random) }
            addresses += addresses.map { .max - $0 } + [0, .max]
            addresses += ranges.flatMap { [$0.first, $0.last, $0.first &- 1, $0.last &+ 1] }
            for address in addresses {
                #expect(table.find(address)?.facts == naive(ranges, address), "\(address)")
            }
        }
    }

    @Test func rangesThatMeetInPartAreRefused() {
        #expect(throws: RangeOverlap<UInt32>.self) {
            try RangeTable<UInt32>([
                .init(first: 0, last: 9, facts: 0), .init(first: 5, last: 12, facts: 1),
            ])
        }
    }

    @Test func anEmptyTableKnowsNothing() throws {
        #expect(try RangeTable<UInt128>([]).find(.max) == nil)
    }
}
