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
    /// Where it stands among all that there are.
    private var place = 0

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
        place = answered.enlist(self)
    }

    deinit { answered.dismiss(place) }

    var seen: DomainObservation? { sight?.seen }

    func take(_ lookups: Lookups) {
        sight?.begin(with: lookups)
        answered.append(self)
    }
}

/// Visits whose questions are answered, or that have none, until one task goes on with them.
///
/// A domain of which nothing else is to be seen needs no task of its own. All visits of a loop are
/// known here as long as they live, so that a scan that comes to a standstill can name them.
final class AnsweredVisits {
    private var visits: [Visit] = []
    /// All visits, each at its place, without keeping them alive.
    private var underWay: [Unmanaged<Visit>?] = []
    private var freePlaces: [Int] = []
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

    fileprivate func enlist(_ visit: Visit) -> Int {
        let reference = Unmanaged.passUnretained(visit)
        guard let place = freePlaces.popLast() else {
            underWay.append(reference)
            return underWay.count - 1
        }
        underWay[place] = reference
        return place
    }

    fileprivate func dismiss(_ place: Int) {
        underWay[place] = nil
        freePlaces.append(place)
    }

    /// So many of the visits under way, those that came first in the list.
    func oldest(_ count: Int) -> [Visit] {
        let all = underWay.compactMap { $0?.takeUnretainedValue() }
        return Array(all.sorted { $0.numbered.number < $1.numbered.number }.prefix(count))
    }

    /// To be called when no visit is under way.
    func end() {
        hasEnded = true
        bell.ring()
    }
}
