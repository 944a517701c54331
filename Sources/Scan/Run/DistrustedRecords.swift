internal import DequeModule
internal import EventLoop
internal import Synchronization

/// A time in which a name server's answers may not have been true: from its last health check that
/// was passed to the one that was not.
struct DistrustedTime: Sendable {
    let since: Instant
    let until: Instant
}

/// The records that rest on answers of name servers that proved false.
///
/// Rather too many than too few: every domain that was in progress at some time between a server's
/// last good health check and the failed one, on any loop and with answers of any server. All loops
/// share it; it is locked when something is wrong, and a few times a second.
final class DistrustedRecords: Sendable {
    private struct State {
        var times: [DistrustedTime] = []
        var indexes: IndexRanges
        var servers: [String: String]
        /// Since when all servers are known to answer as they should, for each loop.
        var healthySince: [Instant]
    }

    private let state: Mutex<State>

    /// Those of a scan on so many loops; `before` is what was known when it was stopped.
    init(loops: Int, before: StoredDistrust?) {
        state = Mutex(
            State(
                indexes: IndexRanges(before?.indexRanges ?? []), servers: before?.servers ?? [:],
                healthySince: Array(repeating: Instant(nanoseconds: 0), count: loops)))
    }

    /// Notes what `server` has done, and when.
    func add(_ time: DistrustedTime, by server: String, _ fault: String) {
        state.withLock {
            $0.times.append(time)
            $0.servers[server] = fault
        }
    }

    /// Notes that domains in progress have waited for what is distrusted.
    func addWaiting(at now: Instant) {
        state.withLock { $0.times.append(DistrustedTime(since: now, until: now)) }
    }

    /// Takes the indexes of records.
    func add(_ indexes: [Int]) {
        state.withLock { state in for index in indexes { state.indexes.insert(index) } }
    }

    /// The times after the first `count`.
    func times(after count: Int) -> ArraySlice<DistrustedTime> {
        state.withLock { $0.times.dropFirst(count) }
    }

    /// Notes since when a loop's servers are healthy; since when those of all loops are.
    func post(healthySince instant: Instant, of loop: Int) -> Instant {
        state.withLock { state in
            state.healthySince[loop] = instant
            return state.healthySince.min() ?? instant
        }
    }

    /// What is known, for the checkpoint and the manifest; nil where no record is distrusted.
    var stored: StoredDistrust? {
        state.withLock { state in
            state.servers.isEmpty
                ? nil
                : StoredDistrust(indexRanges: state.indexes.pairs, servers: state.servers)
        }
    }
}

/// Which records are distrusted, as the checkpoint keeps it.
struct StoredDistrust: Codable, Sendable {
    /// Pairs of the first and the last of indexes in a row.
    var indexRanges: [[Int]]
    /// What name servers did, by their addresses.
    var servers: [String: String]

    /// How many records these are.
    var count: Int { indexRanges.reduce(0) { $0 + $1[1] - $1[0] + 1 } }
}

/// The records that one loop has made since all servers were last known to be healthy.
struct RecentRecords {
    /// A bound far above the number of records between two health checks.
    private static let limit = 1 << 20
    private let distrusted: DistrustedRecords
    private let loop: Int
    private var recent = Deque<(index: Int, endedAt: Instant)>()
    private var timesSeen = 0
    private var distrustedUntil = Instant(nanoseconds: 0)

    init(of loop: Int, in distrusted: DistrustedRecords) {
        self.loop = loop
        self.distrusted = distrusted
    }

    /// Takes the index of a record of a domain that was in progress from `startedAt` until now.
    mutating func note(_ index: Int, startedAt: Instant, endedAt now: Instant) {
        if startedAt <= distrustedUntil { distrusted.add([index]) }
        if recent.count == Self.limit { recent.removeFirst() }
        recent.append((index, now))
    }

    /// Sorts out what was learned since the last call, to be called a few times a second; since
    /// when answers are distrusted, where that is new.
    mutating func refresh(healthySince: Instant) -> Instant? {
        let times = distrusted.times(after: timesSeen)
        timesSeen += times.count
        for time in times {
            distrustedUntil = max(distrustedUntil, time.until)
            distrusted.add(recent.filter { $0.endedAt >= time.since }.map(\.index))
        }
        let healthy = distrusted.post(healthySince: healthySince, of: loop)
        while let first = recent.first, first.endedAt < healthy { recent.removeFirst() }
        return times.map(\.since).min()
    }
}

/// A set of indexes as ranges in order, of which there are at most so many: beyond that near ones
/// are joined, and the set has additional indexes.
struct IndexRanges: Equatable {
    private static let limit = 10_000
    private var ranges: [ClosedRange<Int>] = []

    init() {}

    /// The set of pairs of first and last.
    init(_ pairs: [[Int]]) {
        ranges = pairs.compactMap { $0.count == 2 && $0[0] <= $0[1] ? $0[0]...$0[1] : nil }
            .sorted { $0.lowerBound < $1.lowerBound }
        join(within: 1)
    }

    /// Pairs of first and last.
    var pairs: [[Int]] { ranges.map { [$0.lowerBound, $0.upperBound] } }

    /// Whether the set has the index.
    func contains(_ index: Int) -> Bool {
        let place = place(of: index)
        return place < ranges.count && ranges[place].contains(index)
    }

    /// The first range that does not end before `index`.
    private func place(of index: Int) -> Int {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound < index { low = middle + 1 } else { high = middle }
        }
        return low
    }

    mutating func insert(_ index: Int) {
        let place = place(of: index)
        if place < ranges.count, ranges[place].contains(index) { return }
        let joinsNext = place < ranges.count && ranges[place].lowerBound == index + 1
        let joinsLast = place > 0 && ranges[place - 1].upperBound == index - 1
        switch (joinsLast, joinsNext) {
        case (true, true):
            ranges[place - 1] = ranges[place - 1].lowerBound...ranges[place].upperBound
            ranges.remove(at: place)
        case (true, false): ranges[place - 1] = ranges[place - 1].lowerBound...index
        case (false, true): ranges[place] = index...ranges[place].upperBound
        case (false, false): ranges.insert(index...index, at: place)
        }
        var distance = 1
        while ranges.count > Self.limit {
            distance *= 2
            join(within: distance)
        }
    }

    /// Joins ranges that are at most so far apart.
    private mutating func join(within distance: Int) {
        var joined: [ClosedRange<Int>] = []
        for range in ranges {
            if let last = joined.last, range.lowerBound - last.upperBound <= distance {
                joined[joined.count - 1] =
                    last.lowerBound...max(last.upperBound, range.upperBound)
            } else {
                joined.append(range)
            }
        }
        ranges = joined
    }
}
