/// Counts by a key that has no bound of its own, such as the registrable domain of a host.
///
/// Exact up to `capacity` keys. Where there are more, those with the fewest domains are dropped and
/// their counts kept in `others`, so that the totals stay exact; a key dropped that comes back
/// begins again, so a count may then lack up to `shortfall` domains.
struct GroupTable<Key: GroupKey>: Sendable {
    /// How many counts a key has; the first is that of its domains.
    let width: Int
    private let capacity: Int
    private var rows: [Key: Int] = [:]
    private var counts: [UInt32] = []
    /// What was counted of keys dropped.
    private(set) var others: [Int]
    /// How many keys were dropped.
    private(set) var dropped = 0
    /// How many domains a key that was kept may lack at most.
    private(set) var shortfall = 0

    init(width: Int, capacity: Int) {
        self.width = width
        self.capacity = max(capacity, 16)
        others = Array(repeating: 0, count: width)
    }

    /// Counts one in columns of a key.
    mutating func count(_ columns: [Int], of key: Key) {
        let row = row(key)
        for column in columns { counts[row + column] += 1 }
    }

    /// The row of a key, valid until the next call.
    private mutating func row(_ key: Key) -> Int {
        if let row = rows[key] { return row }
        if rows.count >= capacity { dropFewest() }
        let row = counts.count
        rows[key] = row
        counts.append(contentsOf: repeatElement(0, count: width))
        return row
    }

    /// All keys with their counts, in no order.
    var entries: [(key: Key, counts: [Int])] {
        rows.map { ($0.key, (0..<width).map { [row = $0.value] in Int(counts[row + $0]) }) }
    }

    /// Adds the counts of another part of the scan.
    mutating func merge(_ other: GroupTable) {
        for (key, from) in other.rows {
            let to = row(key)
            for column in 0..<width { counts[to + column] += other.counts[from + column] }
        }
        for column in 0..<width { others[column] += other.others[column] }
        dropped += other.dropped
        shortfall += other.shortfall
    }

    /// Drops at least half of the keys that may be dropped, those with the fewest domains.
    private mutating func dropFewest() {
        let domains = rows.compactMap { $0.key.isKept ? nil : counts[$0.value] }.sorted()
        guard !domains.isEmpty else { return }
        let limit = domains[domains.count / 2]
        var kept: [Key: Int] = [:]
        var keptCounts: [UInt32] = []
        for (key, row) in rows {
            if key.isKept || counts[row] > limit {
                kept[key] = keptCounts.count
                keptCounts.append(contentsOf: counts[row..<(row + width)])
            } else {
                for column in 0..<width { others[column] += Int(counts[row + column]) }
                dropped += 1
            }
        }
        shortfall += Int(limit)
        rows = kept
        counts = keptCounts
    }
}

/// What distinguishes groups.
protocol GroupKey: Hashable, Sendable {
    /// Whether the group is never dropped, because there are only so many of its kind.
    var isKept: Bool { get }
}

extension String: GroupKey {
    var isKept: Bool { false }
}

extension Operator: GroupKey {
    var isKept: Bool {
        switch self {
        case .provider, .own, .none: true
        case .domain, .address: false
        }
    }
}

/// A top-level domain and a part of a list by popularity.
struct TLDRank: GroupKey {
    var tld: String
    var rank: RankBucket

    var isKept: Bool { false }
}

/// Who takes the mail and who hosts the policy.
struct OperatorPair: GroupKey {
    var mx: Operator
    var policy: Operator

    var isKept: Bool { mx.isKept && policy.isKept }
}
