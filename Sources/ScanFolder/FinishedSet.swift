internal import DequeModule

/// Which entries of the lists have their record on disk: all below a mark, and some above it.
///
/// Entries are numbered in the order in which they are handed out, without gaps. A bit for each
/// entry above the mark: an entry that is late by a million others costs 125 KB, not a set of a
/// million numbers. Pure.
public struct FinishedSet: Equatable, Sendable {
    /// All entries below this number are finished, and this one is not.
    public private(set) var lowWater = 0
    /// How many entries are finished.
    public private(set) var count = 0
    /// The bits of the entries from `base` on; the first word is never full.
    private var words = Deque<UInt64>()
    private var base = 0

    /// The empty set.
    public init() {}

    /// The set with everything below `lowWater` and in `ranges`.
    public init(lowWater: Int, ranges: [ClosedRange<Int>]) {
        base = lowWater & ~63
        count = base
        self.lowWater = base
        for number in base..<lowWater { insert(number) }
        for range in ranges { for number in range { insert(number) } }
    }

    /// Adds an entry.
    public mutating func insert(_ number: Int) {
        guard !contains(number) else { return }
        let (word, bit) = place(of: number)
        while words.count <= word { words.append(0) }
        words[word] |= bit
        count += 1
        advance()
    }

    /// Whether the entry is finished.
    public func contains(_ number: Int) -> Bool {
        guard number >= lowWater else { return true }
        let (word, bit) = place(of: number)
        return word < words.count && words[word] & bit != 0
    }

    private func place(of number: Int) -> (word: Int, bit: UInt64) {
        ((number - base) >> 6, 1 << UInt64((number - base) & 63))
    }

    private mutating func advance() {
        while words.first == .max {
            words.removeFirst()
            base += 64
        }
        lowWater = base + (~(words.first ?? 0)).trailingZeroBitCount
    }

    /// The finished entries above the mark as ranges, in order.
    public var ranges: [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for (index, word) in words.enumerated() {
            var left = word
            while left != 0 {
                let start = left.trailingZeroBitCount
                let length = (~(left >> UInt64(start))).trailingZeroBitCount
                add(base + index * 64 + start, length, to: &ranges)
                left &= UInt64.max << UInt64(start + length)
            }
        }
        return ranges
    }

    private func add(_ start: Int, _ length: Int, to ranges: inout [ClosedRange<Int>]) {
        guard start + length > lowWater else { return }
        if let last = ranges.last, last.upperBound + 1 == start {
            ranges[ranges.count - 1] = last.lowerBound...(start + length - 1)
        } else {
            ranges.append(start...(start + length - 1))
        }
    }
}
