/// Ranges of address numbers, sorted and disjoint.
///
/// Whether a number is in one is found by binary search: 17 steps among 100,000 ranges. Blocks
/// within blocks become one range, so the longest prefix needs no search of its own: an address is
/// excluded by whichever block holds it.
struct AddressRanges<Number: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    private let ranges: [ClosedRange<Number>]

    /// The union of `blocks`, in any order, overlapping or not.
    init(_ blocks: [ClosedRange<Number>]) {
        var ranges: [ClosedRange<Number>] = []
        for block in blocks.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let last = ranges.last, Self.touch(last, block) else {
                ranges.append(block)
                continue
            }
            ranges[ranges.count - 1] =
                last.lowerBound...max(last.upperBound, block.upperBound)
        }
        self.ranges = ranges
    }

    /// Whether `later`, which begins no earlier, overlaps `range` or directly follows it.
    private static func touch(_ range: ClosedRange<Number>, _ later: ClosedRange<Number>) -> Bool {
        range.upperBound == .max || later.lowerBound <= range.upperBound + 1
    }

    func contains(_ number: Number) -> Bool {
        var low = 0
        var high = ranges.count
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < number { low = middle + 1 } else { high = middle }
        }
        return low < ranges.count && ranges[low].lowerBound <= number
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// The numbers whose first `length` bits are those of this one.
    func block(length: Int) -> ClosedRange<Self> {
        let host: Self = length == 0 ? .max : ~(Self.max << (Self.bitWidth - length))
        return (self & ~host)...(self | host)
    }
}
