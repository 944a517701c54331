internal import DNS
internal import DomainList
internal import EventLoop
internal import Observations
internal import Resolver

/// One entry on its way to its record, and its slot in the window of those under way.
///
/// `@unchecked Sendable`: only the loop of its shard touches it.
final class DomainTask: LookupReceiver, @unchecked Sendable {
    let numbered: NumberedEntry
    /// What is seen of the domain; nil where nothing is asked.
    let progress: DomainProgress?
    let start: Instant
    let scannedAt: Int64
    /// Whether another domain has its slot.
    var hasParkedSlot = false
    /// When it gives its slot away.
    var deadline: Deadline?
    private let answered: ReadyQueue
    /// Where it stands among all that there are.
    private var slot = 0

    /// The visit of an entry, to be found among `answered` when its questions are.
    init(
        _ numbered: NumberedEntry, _ progress: DomainProgress?, start: Instant, scannedAt: Int64,
        answered: ReadyQueue
    ) {
        self.numbered = numbered
        self.progress = progress
        self.start = start
        self.scannedAt = scannedAt
        self.answered = answered
        slot = answered.enlist(self)
    }

    deinit { answered.dismiss(slot) }

    var seen: DomainObservation? { progress?.seen }

    func take(_ lookups: Lookups) {
        progress?.begin(with: lookups)
        answered.append(self)
    }
}

/// Visits whose questions are answered, or that have none, until one task goes on with them.
///
/// A domain of which nothing else is to be seen needs no task of its own. All visits of a loop are
/// known here as long as they live, so that a scan that comes to a standstill can name them.
final class ReadyQueue {
    private var visits: [DomainTask] = []
    /// All visits, each at its slot, without keeping them alive.
    private var underWay: [Unmanaged<DomainTask>?] = []
    private var freeSlots: [Int] = []
    private var wakeSignal = WakeSignal()
    private var hasEnded = false

    func append(_ visit: DomainTask) {
        visits.append(visit)
        wakeSignal.send()
    }

    /// Waits until there are some; false where none come any more.
    func arrive() async -> Bool {
        await withUnsafeContinuation { wakeSignal.park($0, unless: !visits.isEmpty || hasEnded) }
        return !hasEnded
    }

    /// Those that are there.
    func takeAll() -> [DomainTask] {
        defer { visits = [] }
        return visits
    }

    fileprivate func enlist(_ visit: DomainTask) -> Int {
        let reference = Unmanaged.passUnretained(visit)
        guard let slot = freeSlots.popLast() else {
            underWay.append(reference)
            return underWay.count - 1
        }
        underWay[slot] = reference
        return slot
    }

    fileprivate func dismiss(_ slot: Int) {
        underWay[slot] = nil
        freeSlots.append(slot)
    }

    /// So many of the visits under way, those that came first in the list.
    func oldest(_ count: Int) -> [DomainTask] {
        let all = underWay.compactMap { $0?.takeUnretainedValue() }
        return Array(all.sorted { $0.numbered.number < $1.numbered.number }.prefix(count))
    }

    /// To be called when no visit is under way.
    func end() {
        hasEnded = true
        wakeSignal.send()
    }
}
