/// How far a scan is, and how long it may still take.
///
/// Pure: the times are given. A scan ends in two steps: its entries are begun at some rate, and
/// then those that failed transiently wait for their retries, which take a minute however short the
/// list is.
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
    /// Entries that are in progress or wait for a retry.
    var underWay = 0
    /// Entries whose record was made before this part of the scan.
    var before = 0
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
        let begun = done + underWay
        let left = size.entries - begun
        guard left > 0 else { return max(0, retriesOverIn ?? 0) }
        let begunHere = begun - before
        guard begunHere > 0, Double(begun) >= Self.leastShare * Double(size.entries) else {
            return nil
        }
        let beginning = Double(elapsedMilliseconds) * Double(left) / Double(begunHere)
        // Of the last that are begun some will fail as those before have.
        return Int(beginning) + (hasRetries ? retryMilliseconds : 0)
    }

    /// Whether nothing but retries is left to wait for.
    var onlyRetriesAreLeft: Bool {
        guard case .exact(let entries) = size, let retriesOverIn else { return false }
        return done < entries && done + underWay >= entries && retriesOverIn > 0
    }
}
