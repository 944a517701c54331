/// How far a scan is, and how long it may still take.
///
/// Pure: the times are given. A scan ends in two steps: its entries are finished at some rate, and
/// then those that failed transiently wait for their retries, which take a minute however short
/// the list is. The rate is that of the last half of the time: at the start a thousand entries are
/// begun at once and none is finished, which says nothing of how fast the rest will be.
struct Forecast: Equatable, Sendable {
    /// How many entries the lists have, as far as is known.
    enum Size: Equatable, Sendable {
        /// They have been read to their end.
        case exact(Int)
        /// By the octets that have been read of them.
        case estimated(Int)

        /// The number.
        var entries: Int {
            switch self {
            case .exact(let entries), .estimated(let entries): entries
            }
        }
    }

    /// Below this share of the entries nothing is foreseen.
    private static let leastShare = 0.01

    /// How many entries there are; nil where the size of the lists is not known.
    var size: Size?
    /// Entries with their record, those of earlier parts of the scan included.
    var done = 0
    /// Entries that are in progress, or wait for a host or a retry.
    var underWay = 0
    /// Those of them that wait for a retry.
    var waiting = 0
    /// How fast entries are finished; nil as long as that is not known.
    var rate: FinishingRate.Stretch?
    /// Since the start of this part of the scan.
    var elapsedMilliseconds = 0
    /// Whether any retry has been necessary so far.
    var hasRetries = false
    /// Until the retries that are known now are over; nil or negative where none waits.
    var retriesOverIn: Int?
    /// How long all the retries of one entry take.
    var retryMilliseconds = 0

    /// The share of the entries that have their record; nil where their number is not known.
    var fraction: Double? {
        guard let size, size.entries > 0 else { return nil }
        return min(1, Double(done) / Double(size.entries))
    }

    /// Milliseconds until the end; nil where that cannot be foreseen.
    var milliseconds: Int? {
        guard let size, done < size.entries else { return nil }
        let left = size.entries - done - waiting
        guard left > 0 else { return max(0, retriesOverIn ?? 0) }
        guard let rate, Double(done) >= Self.leastShare * Double(size.entries) else { return nil }
        let finishing = Double(rate.milliseconds) * Double(left) / Double(rate.entries)
        // Of the last that are tried some will fail as those before have.
        return Int(finishing) + (hasRetries ? retryMilliseconds : 0)
    }

    /// Whether nothing but retries is left to wait for.
    var onlyRetriesAreLeft: Bool {
        guard case .exact(let entries) = size, let retriesOverIn else { return false }
        return done < entries && done + underWay >= entries && retriesOverIn > 0
    }
}

/// How many entries were finished by when, for the rate of the last half of the time.
struct FinishingRate: Sendable {
    /// Entries that were finished within a time; both are positive.
    struct Stretch: Equatable, Sendable {
        var entries: Int
        var milliseconds: Int
    }

    /// So many samples are kept: with more, every second one is dropped.
    private static let samplesMax = 128

    private var samples: [(milliseconds: Int, done: Int)] = []
    /// The time between two samples.
    private var interval = 100

    /// Notes how many entries are finished `milliseconds` after the start.
    mutating func note(_ done: Int, at milliseconds: Int) {
        if let last = samples.last, milliseconds - last.milliseconds < interval { return }
        samples.append((milliseconds, done))
        guard samples.count > Self.samplesMax else { return }
        interval *= 2
        samples = samples.indices.filter { $0 % 2 == 0 }.map { samples[$0] }
    }

    /// What was finished in the last half of the time; nil where nothing was.
    func recent(_ done: Int, at milliseconds: Int) -> Stretch? {
        guard let start = samples.first(where: { $0.milliseconds >= milliseconds / 2 }),
            milliseconds > start.milliseconds, done > start.done
        else { return nil }
        return Stretch(
            entries: done - start.done, milliseconds: milliseconds - start.milliseconds)
    }
}
