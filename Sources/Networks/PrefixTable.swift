internal import DNS

/// Ranges of addresses of one family, each with what is known of it: the innermost range counts.
///
/// Ranges are flattened into sorted intervals that do not overlap, so that an address is found by a
/// binary search: for a table of prefixes that is the longest prefix.
struct RangeTable<Bound: FixedWidthInteger & UnsignedInteger & Sendable>: Sendable {
    /// A range, and the place of what is known of it.
    struct Range: Sendable {
        var first: Bound
        var last: Bound
        var facts: UInt32
    }

    /// The facts of an interval that nothing is known of.
    static var none: UInt32 { .max }

    private(set) var starts: [Bound] = []
    private var facts: [UInt32] = []
    /// The first address of the range that an interval is of, for the ranges that are no prefix.
    private(set) var count = 0

    /// A table of no range.
    init() {}

    /// A table of ranges, which either lie in one another or do not meet; nil and where they do
    /// otherwise.
    init(_ ranges: consuming [Range]) throws(RangeOverlap<Bound>) {
        ranges.sort { $0.first != $1.first ? $0.first < $1.first : $0.last > $1.last }
        count = ranges.count
        starts.reserveCapacity(ranges.count + ranges.count / 4)
        facts.reserveCapacity(ranges.count + ranges.count / 4)
        var open: [Range] = []
        for range in ranges {
            close(&open, before: range.first)
            if let outer = open.last, range.last > outer.last {
                throw RangeOverlap(first: range.first, last: range.last)
            }
            begin(at: range.first, range.facts)
            open.append(range)
        }
        close(&open, before: nil)
    }

    /// Ends the ranges that lie before an address, or all.
    private mutating func close(_ open: inout [Range], before next: Bound?) {
        while let range = open.last, next.map({ range.last < $0 }) ?? true {
            open.removeLast()
            guard range.last < .max else { continue }
            begin(at: range.last + 1, open.last?.facts ?? Self.none)
        }
    }

    private mutating func begin(at start: Bound, _ new: UInt32) {
        if starts.last == start {
            facts[facts.count - 1] = new
        } else {
            starts.append(start)
            facts.append(new)
        }
    }

    /// The interval that an address is in, and what is known of it.
    func find(_ address: Bound) -> (first: Bound, last: Bound, facts: UInt32)? {
        var (low, high) = (0, starts.count)
        while low < high {
            let middle = (low + high) / 2
            if starts[middle] <= address { low = middle + 1 } else { high = middle }
        }
        guard low > 0, facts[low - 1] != Self.none else { return nil }
        return (starts[low - 1], low < starts.count ? starts[low] - 1 : .max, facts[low - 1])
    }
}

/// A range that lies partly in another.
struct RangeOverlap<Bound: Sendable>: Error {
    let first: Bound
    let last: Bound
}

/// A table of prefixes, as RouteViews and CAIDA publish them, or of ranges, as iptoasn does.
struct PrefixTable: NetworkSource {
    var identity: NetworkFileIdentity
    /// What is known of ranges; a length below 0 says that the range is no prefix.
    var facts: [NetworkFacts]
    var ipv4: RangeTable<UInt32>
    var ipv6: RangeTable<UInt128>

    func find(_ address: IPAddress) -> NetworkFacts? {
        switch address {
        case .v4(let value):
            guard let found = ipv4.find(value) else { return nil }
            return known(found.facts) { block(value, found.first, found.last) }
        case .v6(let high, let low):
            let value = UInt128(high) << 64 | UInt128(low)
            guard let found = ipv6.find(value) else { return nil }
            return known(found.facts) { block(value, found.first, found.last) }
        }
    }

    private func known(_ place: UInt32, _ length: () -> Int) -> NetworkFacts {
        var known = facts[Int(place)]
        if known.length < 0 { known.length = length() }
        return known
    }
}

/// The length of the largest block around an address that lies between two others.
private func block<Bound: FixedWidthInteger & UnsignedInteger>(
    _ address: Bound, _ first: Bound, _ last: Bound
) -> Int {
    var host = 0
    while host < Bound.bitWidth {
        let wider: Bound = host + 1 == Bound.bitWidth ? .max : (1 << Bound(host + 1)) - 1
        guard address & ~wider >= first, address | wider <= last else { break }
        host += 1
    }
    return Bound.bitWidth - host
}
