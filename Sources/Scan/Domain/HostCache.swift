internal import ConnectionLimits
internal import DNS
internal import EventLoop
internal import Observations

/// The MX hosts of a scan: each is looked up and probed once, however many domains name it.
///
/// Facts are shared here; verdicts never are. The hosts used most recently and most often are kept,
/// up to a limit. One that was evicted and is needed again is probed again, as a new observation.
final class HostCache {
    private struct Entry {
        enum State {
            case underWay(PendingProbe)
            case known(HostObservation)
        }

        var state: State
        /// Whether the host was used since the hand last passed it.
        var isWarm = false
    }

    /// What is known of a host at the time.
    enum Knowledge {
        /// Nothing: the caller is to observe the host, and to end the probe.
        case nothing(PendingProbe)
        /// The host is being observed.
        case underWay(PendingProbe)
        /// What it has shown.
        case known(HostObservation)
    }

    private let limit: Int
    private var entries: [DomainName: Entry] = [:]
    /// The hosts that are known, in a ring; the hand points at the next that may be evicted.
    private var ring: [DomainName] = []
    private var hand = 0
    private(set) var evicted = 0

    /// A directory that keeps `limit` hosts.
    init(limit: Int = .max) { self.limit = max(1, limit) }

    /// How many hosts are known.
    var known: Int { ring.count }

    /// The hosts that are being observed.
    var underWay: [DomainName] {
        entries.compactMap { if case .underWay = $1.state { $0 } else { nil } }
    }

    /// Looks a host up; one that is not known counts as being observed from now on.
    func look(up host: DomainName) -> Knowledge {
        if let observation = observation(of: host) { return .known(observation) }
        if let pending = pending(host) { return .underWay(pending) }
        let pending = PendingProbe()
        entries[host] = Entry(state: .underWay(pending))
        return .nothing(pending)
    }

    /// The pending probe of a host that is being observed; nil for others.
    func pending(_ host: DomainName) -> PendingProbe? {
        if case .underWay(let pending) = entries[host]?.state { pending } else { nil }
    }

    /// What a host has shown; nil where it is not known.
    func observation(of host: DomainName) -> HostObservation? {
        guard let place = entries.index(forKey: host),
            case .known(let observation) = entries.values[place].state
        else { return nil }
        entries.values[place].isWarm = true
        return observation
    }

    /// Whether the observation of a host is final; nil where the host is not known.
    func isSettled(_ host: DomainName) -> Bool? {
        switch entries[host]?.state {
        case .known: true
        case .underWay: false
        case nil: nil
        }
    }

    /// Keeps what a host has shown in the end.
    func settle(_ pending: PendingProbe, _ observation: HostObservation) {
        keep(observation)
        pending.end(with: observation)
    }

    /// Takes over what is known from before.
    func restore(_ observation: HostObservation) { keep(observation) }

    /// Keeps a host; where there is no room it replaces one that was not used recently.
    private func keep(_ observation: HostObservation) {
        let old = entries.updateValue(
            Entry(state: .known(observation)), forKey: observation.name)
        if case .known = old?.state { return }
        guard ring.count >= limit else {
            ring.append(observation.name)
            return
        }
        ring[coldPlace()] = observation.name
    }

    /// The index of the host to evict: the first that was not used since the hand last passed it.
    private func coldPlace() -> Int {
        while true {
            let place = hand
            hand = (hand + 1) % ring.count
            guard let entry = entries.index(forKey: ring[place]) else { return place }
            guard entries.values[entry].isWarm else {
                entries.remove(at: entry)
                evicted += 1
                return place
            }
            entries.values[entry].isWarm = false
        }
    }

    /// Gives up a host whose destination is full; all that wait for it get the reason.
    func abandon(_ host: DomainName, _ pending: PendingProbe, for reason: BusyTarget) {
        entries.removeValue(forKey: host)
        pending.abandon(for: reason)
    }

    /// Forgets the known hosts for which `areMeant` is true: they are probed again when next
    /// needed.
    func forgetAll(where areMeant: (HostObservation) -> Bool) {
        let before = entries.count
        entries = entries.filter { _, entry in
            if case .known(let seen) = entry.state { !areMeant(seen) } else { true }
        }
        guard entries.count < before else { return }
        ring.removeAll { entries[$0] == nil }
        hand = 0
    }

    /// Forgets a known host: it is probed again when next needed.
    func forget(_ host: DomainName) {
        guard entries.removeValue(forKey: host) != nil else { return }
        ring.removeAll { $0 == host }
        hand = 0
    }
}

/// A host that is being observed, and the tasks that wait for the result.
@safe final class PendingProbe {
    private typealias Outcome = Result<HostObservation, BusyTarget>
    private typealias Waiter = UnsafeContinuation<Outcome, Never>

    /// What it has shown last, where that failed transiently and it is retried.
    private var shownSoFar: HostObservation?
    private var shownInTheEnd: HostObservation?
    private var waitingForObservation: [Waiter] = unsafe []
    private var waitingForEnd: [Waiter] = unsafe []
    private var reason: BusyTarget?

    /// How many wait for the result of its first attempt.
    var waiting: Int { unsafe waitingForObservation.count }

    /// What the host has shown so far; a retry may change it.
    func progress() async throws(BusyTarget) -> HostObservation {
        let outcome: Outcome = await unsafe withUnsafeContinuation { continuation in
            if let outcome = self.outcome(shownInTheEnd ?? shownSoFar) {
                unsafe continuation.resume(returning: outcome)
            } else {
                unsafe waitingForObservation.append(continuation)
            }
        }
        return try outcome.get()
    }

    /// What the host shows in the end.
    func end() async throws(BusyTarget) -> HostObservation {
        let outcome: Outcome = await unsafe withUnsafeContinuation { continuation in
            if let outcome = self.outcome(shownInTheEnd) {
                unsafe continuation.resume(returning: outcome)
            } else {
                unsafe waitingForEnd.append(continuation)
            }
        }
        return try outcome.get()
    }

    private func outcome(_ seen: HostObservation?) -> Outcome? {
        if let reason { return .failure(reason) }
        return seen.map { .success($0) }
    }

    /// Gives those who wait what the host has shown so far.
    func saw(_ observation: HostObservation) {
        shownSoFar = observation
        unsafe resume(&waitingForObservation, with: observation)
    }

    /// Gives all who wait the host's final observation.
    func end(with observation: HostObservation) {
        shownInTheEnd = observation
        unsafe resume(&waitingForObservation, with: observation)
        unsafe resume(&waitingForEnd, with: observation)
    }

    /// Gives all who wait the reason why the host is to be probed later.
    func abandon(for reason: BusyTarget) {
        self.reason = reason
        unsafe (waitingForObservation + waitingForEnd).forEach {
            unsafe $0.resume(returning: .failure(reason))
        }
        unsafe waitingForObservation = []
        unsafe waitingForEnd = []
    }

    private func resume(_ waiters: inout [Waiter], with observation: HostObservation) {
        unsafe waiters.forEach { unsafe $0.resume(returning: .success(observation)) }
        unsafe waiters = []
    }
}

/// A target for which too many domains wait already: the domain is restarted when there is room.
enum BusyTarget: Error, Hashable, Sendable {
    /// Servers of one operator.
    case destination(BusyDestination)
    /// What one MX host shows in the end.
    case host(DomainName)
}
