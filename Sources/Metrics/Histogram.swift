/// Durations, counted by size.
public struct Histogram: Hashable, Sendable {
    /// The upper bounds of the buckets in microseconds; beyond the last there is one more.
    public static let bounds: [UInt64] = [
        500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
        2_500_000, 5_000_000, 10_000_000, 30_000_000, 60_000_000,
    ]

    /// How many durations fell into each bucket, in the order of the bounds.
    public private(set) var counts = Array(repeating: 0, count: bounds.count + 1)
    /// All durations together, in microseconds.
    public private(set) var sum: UInt64 = 0

    /// Nothing counted yet.
    public init() {}

    /// How many durations were counted.
    public var count: Int { counts.reduce(0, +) }

    /// Counts a duration.
    public mutating func add(microseconds: UInt64) {
        let bucket = Histogram.bounds.firstIndex { microseconds <= $0 } ?? Histogram.bounds.count
        counts[bucket] += 1
        sum &+= microseconds
    }

    /// Adds what another part of the scan counted.
    public mutating func merge(_ other: Histogram) {
        for bucket in counts.indices { counts[bucket] += other.counts[bucket] }
        sum &+= other.sum
    }
}
