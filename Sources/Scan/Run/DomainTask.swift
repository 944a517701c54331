internal import DNS
internal import DomainList
internal import EventLoop
internal import Judgement
internal import Observations
internal import Probe
internal import Resolver

/// One entry on its way to its record: the one object that a domain in flight needs.
///
/// `@unchecked Sendable`: only the loop of its shard touches it.
final class DomainTask: LookupReceiver, @unchecked Sendable {
    let numbered: NumberedEntry
    /// How the domain is observed; nil for an entry that names none.
    private(set) var probe: DomainProbe?
    /// When it was taken up.
    private(set) var start: Instant
    private(set) var scannedAt: Int64
    /// Whether it holds a slot of those that wait, and another domain has its slot in the window.
    var hasParkedSlot = false
    /// When it gives its slot in the window away.
    var deadline: Deadline?
    /// The event, until the shard handles it.
    private var event = DomainProbe.Event.begin
    private let ready: ReadyQueue
    /// Its index among all tasks.
    private var place = 0

    /// The task of an entry, which is `ready` for its first step when it is appended there.
    init(_ numbered: NumberedEntry, by rules: ProbeRules, at start: Instant, ready: ReadyQueue) {
        self.numbered = numbered
        if case .success(let domain) = numbered.entry.name {
            probe = DomainProbe(of: domain, by: rules)
        }
        self.start = start
        scannedAt = WallClock.seconds()
        self.ready = ready
        place = ready.enlist(self)
    }

    deinit { ready.dismiss(place) }

    func take(_ lookups: Lookups) { post(.answered(lookups)) }

    /// Has the shard handle the event.
    func post(_ event: DomainProbe.Event) {
        self.event = event
        ready.append(self)
    }

    /// Takes what was posted, and says what is to be done.
    func step(at now: Moment, isCrowded: Bool) -> DomainProbe.Action {
        let event = self.event
        // Nothing is kept of what was handled.
        self.event = .begin
        return step(event, at: now, isCrowded: isCrowded)
    }

    /// Takes what has happened just now, and says what is to be done.
    func step(
        _ event: DomainProbe.Event, at now: Moment, isCrowded: Bool
    ) -> DomainProbe.Action {
        probe?.handle(event, at: now, isCrowded: isCrowded) ?? .finished(nil)
    }

    /// The judgement of what was seen at the domain; nil for an entry that names none.
    func judgement(of seen: borrowing DomainObservation, trustsAD: Bool) -> Judgement? {
        guard let domain = probe?.domain, let targets = probe?.targets else { return nil }
        return Judgement(of: domain, seen, along: targets, trustsAD: trustsAD)
    }

    /// Restarts a domain that was parked.
    func restart(at start: Instant) {
        self.start = start
        scannedAt = WallClock.seconds()
        hasParkedSlot = false
        event = .begin
    }
}

/// Domains with an event, until one Swift task continues them.
///
/// So a domain that needs DNS alone has no Swift task of its own. All domains in progress on a loop
/// are registered here, so that a scan that stalls can name them.
@safe final class ReadyQueue {
    private var ready: [DomainTask] = []
    /// All domains, each at its index, without keeping them alive.
    private var underWay: [Unmanaged<DomainTask>?] = unsafe []
    private var freePlaces: [Int] = []
    private var wakeSignal = WakeSignal()
    private var hasEnded = false

    /// How many there are.
    var count: Int { ready.count }

    func append(_ domain: DomainTask) {
        ready.append(domain)
        wakeSignal.send()
    }

    /// Waits until there are some; false at the end.
    func arrive() async -> Bool {
        await unsafe withUnsafeContinuation {
            unsafe wakeSignal.park($0, unless: !ready.isEmpty || hasEnded)
        }
        return !hasEnded
    }

    /// Those that are there.
    func takeAll() -> [DomainTask] {
        defer { ready = [] }
        return ready
    }

    fileprivate func enlist(_ domain: DomainTask) -> Int {
        let reference = unsafe Unmanaged.passUnretained(domain)
        guard let place = freePlaces.popLast() else {
            unsafe underWay.append(reference)
            return unsafe underWay.count - 1
        }
        unsafe underWay[place] = reference
        return place
    }

    fileprivate func dismiss(_ place: Int) {
        unsafe underWay[place] = nil
        freePlaces.append(place)
    }

    /// So many of the domains in progress, those that are first in the list.
    func oldest(_ count: Int) -> [DomainTask] {
        let all = unsafe underWay.compactMap { unsafe $0?.takeUnretainedValue() }
        return Array(all.sorted { $0.numbered.number < $1.numbered.number }.prefix(count))
    }

    /// To be called when no domain is in progress.
    func end() {
        hasEnded = true
        wakeSignal.send()
    }
}
