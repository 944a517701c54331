/// A set of numbers, a bit each, in pages that are there where a number is.
struct IndexSet: Sendable {
    private static let pageBits = 1 << 16
    private var pages: [Int: [UInt64]] = [:]
    private(set) var count = 0

    /// Adds a number; false where it was there.
    mutating func insert(_ number: Int) -> Bool {
        let (page, word, bit) = Self.place(of: number)
        return Self.insert(bit, at: word, of: &pages[page, default: Self.emptyPage], &count)
    }

    func contains(_ number: Int) -> Bool {
        let (page, word, bit) = Self.place(of: number)
        return pages[page].map { $0[word] & bit != 0 } ?? false
    }

    /// Adds the numbers of another set; those that were in both.
    mutating func formUnion(_ other: IndexSet) -> [Int] {
        var both: [Int] = []
        for (page, words) in other.pages {
            var merged = pages[page] ?? Self.emptyPage
            for (index, word) in words.enumerated() {
                var twice = merged[index] & word
                while twice != 0 {
                    both.append(page * Self.pageBits + index * 64 + twice.trailingZeroBitCount)
                    twice &= twice - 1
                }
                merged[index] |= word
            }
            pages[page] = merged
        }
        count += other.count - both.count
        return both
    }

    /// The ranges of numbers below `end` that `other` has and the set has not.
    func missing(of other: some NumberSet, below end: Int) -> [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for start in stride(from: 0, to: end, by: Self.pageBits) {
            let words = pages[start / Self.pageBits]
            for number in start..<min(start + Self.pageBits, end) {
                let rest = number - start
                if let words, words[rest >> 6] & 1 << UInt64(rest & 63) != 0 { continue }
                guard other.contains(number) else { continue }
                if let last = ranges.last, last.upperBound == number - 1 {
                    ranges[ranges.count - 1] = last.lowerBound...number
                } else {
                    ranges.append(number...number)
                }
            }
        }
        return ranges
    }

    /// The numbers of the set that `other` has not, at most `limit` of them.
    func surplus(over other: some NumberSet, limit: Int) -> [Int] {
        var surplus: [Int] = []
        for page in pages.keys.sorted() {
            for (index, word) in (pages[page] ?? []).enumerated() {
                var left = word
                while left != 0 {
                    let number = page * Self.pageBits + index * 64 + left.trailingZeroBitCount
                    left &= left - 1
                    if !other.contains(number) { surplus.append(number) }
                    if surplus.count == limit { return surplus }
                }
            }
        }
        return surplus
    }

    private static let emptyPage = [UInt64](repeating: 0, count: pageBits / 64)

    private static func place(of number: Int) -> (page: Int, word: Int, bit: UInt64) {
        let rest = number & (pageBits - 1)
        return (number >> 16, rest >> 6, 1 << UInt64(rest & 63))
    }

    private static func insert(
        _ bit: UInt64, at word: Int, of page: inout [UInt64], _ count: inout Int
    ) -> Bool {
        guard page[word] & bit == 0 else { return false }
        page[word] |= bit
        count += 1
        return true
    }
}

/// Numbers that can be asked for.
protocol NumberSet {
    func contains(_ number: Int) -> Bool
}

extension Range<Int>: NumberSet {}
