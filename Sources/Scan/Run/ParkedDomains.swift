internal import DequeModule
internal import EventLoop

/// Domains of a loop that would wait for a full destination, kept as their entries alone, so that
/// one destination never takes the slots of domains that wait for others.
final class ParkedDomains {
    /// A domain that is to be restarted.
    enum Domain {
        /// From its entry.
        case entry(NumberedEntry)
        /// With what was seen of it, where observing that again would cost too much.
        case task(DomainTask)
    }

    private struct Queue {
        var since: Instant
        var domains = Deque<Domain>()
    }

    private var queues: [BusyTarget: Queue] = [:]
    private var ready = Deque<Domain>()
    private let slots: SlotPool

    /// Room for so many.
    init(limit: Int) { slots = SlotPool(limit: limit) }

    var count: Int { slots.count }

    /// Whether some wait for room.
    var isWaiting: Bool { !queues.isEmpty }

    /// Since when there was no room, for each destination.
    var destinations: [(target: BusyTarget, since: Instant)] {
        queues.map { ($0.key, $0.value.since) }
    }

    /// Takes a domain; false where there is no room for it.
    func add(_ domain: Domain, until target: BusyTarget, at now: Instant) -> Bool {
        guard slots.tryAcquire() else { return false }
        queues[target, default: Queue(since: now)].domains.append(domain)
        return true
    }

    /// Gives up to `count` domains of a destination out, which has room for them now.
    func release(_ target: BusyTarget, _ count: Int, at now: Instant) {
        guard var queue = queues.removeValue(forKey: target) else { return }
        for _ in 0..<min(count, queue.domains.count) {
            if let domain = queue.domains.popFirst() { ready.append(domain) }
        }
        queue.since = now
        if !queue.domains.isEmpty { queues[target] = queue }
    }

    /// The next domain that is to be restarted.
    func takeReady() -> Domain? {
        guard let domain = ready.popFirst() else { return nil }
        slots.release()
        return domain
    }

    /// Waits until none are left, or all are given up.
    func drained() async { await slots.drained() }

    /// Gives all up: they get no record, and are restarted when the scan is resumed.
    func abandon() {
        queues = [:]
        ready = []
        slots.abandon()
    }
}
