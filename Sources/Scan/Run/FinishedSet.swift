/// Which entries of the lists have their record on disk: all below a mark, and some above it.
///
/// Entries are numbered in the order in which they are handed out, without gaps. Pure.
struct FinishedSet: Equatable {
    /// All entries below this number are finished, and this one is not.
    private(set) var lowWater = 0
    /// The finished entries above the mark.
    private var above: Set<Int> = []

    init() {}

    /// The set with everything below `lowWater` and in `ranges`.
    init(lowWater: Int, ranges: [ClosedRange<Int>]) {
        self.lowWater = lowWater
        for range in ranges { above.formUnion(range) }
        advance()
    }

    mutating func insert(_ number: Int) {
        guard number >= lowWater else { return }
        above.insert(number)
        advance()
    }

    func contains(_ number: Int) -> Bool { number < lowWater || above.contains(number) }

    /// How many entries are finished.
    var count: Int { lowWater + above.count }

    private mutating func advance() {
        while above.remove(lowWater) != nil { lowWater += 1 }
    }

    /// The finished entries above the mark as ranges, in order.
    var ranges: [ClosedRange<Int>] {
        var ranges: [ClosedRange<Int>] = []
        for number in above.sorted() {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges
    }
}
