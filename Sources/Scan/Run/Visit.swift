internal import DNS
internal import DomainList
internal import EventLoop
internal import Resolver
internal import Survey

/// One entry on its way to its record, and its place in the window of those under way.
///
/// `@unchecked Sendable`: only the loop of its shard touches it.
final class Visit: Asker, @unchecked Sendable {
    let numbered: NumberedEntry
    /// What is seen of the domain; nil where nothing is asked.
    let sight: DomainSight?
    let start: Instant
    let scannedAt: Int64
    /// Whether another domain has its place.
    var hasGivenPlaceAway = false
    /// When it gives its place away.
    var deadline: Deadline?
    private let answered: AnsweredVisits

    /// The visit of an entry, to be found among `answered` when its questions are.
    init(
        _ numbered: NumberedEntry, _ sight: DomainSight?, start: Instant, scannedAt: Int64,
        answered: AnsweredVisits
    ) {
        self.numbered = numbered
        self.sight = sight
        self.start = start
        self.scannedAt = scannedAt
        self.answered = answered
    }

    var seen: DomainObservation? { sight?.seen }

    func take(_ lookups: Lookups) {
        sight?.begin(with: lookups)
        answered.append(self)
    }
}

/// Visits whose questions are answered, or that have none, until one task goes on with them.
///
/// A domain of which nothing else is to be seen needs no task of its own.
final class AnsweredVisits {
    private var visits: [Visit] = []
    private var bell = Bell()
    private var hasEnded = false

    func append(_ visit: Visit) {
        visits.append(visit)
        bell.ring()
    }

    /// Waits until there are some; false where none come any more.
    func arrive() async -> Bool {
        await withUnsafeContinuation { bell.wake($0, unless: !visits.isEmpty || hasEnded) }
        return !hasEnded
    }

    /// Those that are there.
    func takeAll() -> [Visit] {
        defer { visits = [] }
        return visits
    }

    /// To be called when no visit is under way.
    func end() {
        hasEnded = true
        bell.ring()
    }
}
