internal import DNS
internal import DequeModule
public import EventLoop
internal import InFlight

/// Lets connections begin within the limits of a scan.
///
/// # The whole story
///
/// **Who owns what.** A scan has one limiter. It lives on the first loop, and all loops ask it, so
/// that limits hold for the scan as a whole without a lock. It knows scopes and peers. A `Scope` is
/// what a limit stands on: an address, a network, a registrable domain, a group of addresses, or
/// the sessions of one loop; each has an `AdaptiveLimit` and a queue. A peer is what a connection
/// goes to, with its health (`PeerHealth`).
///
/// **The way of a connection.** `acquire` asks all scopes of its destination. Where one does not
/// allow it, the request waits there, holding nothing of the other scopes, so that what waits for
/// one destination never holds up another. It tries again when the scope has room or its time has
/// come, and may then have to wait at another. `release` gives everything back and says how the
/// connection ended. A session whose peer is slow gives its slot on the loop to another meanwhile
/// (`park`, `unpark`).
///
/// **What a loop bears.** Each loop has an `InFlightWindow` for its sessions and one for its
/// fetches. They grow while connections wait for them, and for nothing else; the loop says how late
/// it is (`noteLag`), and a connection that this machine had no room for pushes back
/// (`releaseUnmade`). Every other place goes to a destination at which many hosts wait: it takes
/// few at a time, so that a scan whose large providers began late would end with them alone.
///
/// **Peers that push back or fail.** A 4xx greeting or a refused connection slows the address and
/// the operator: each time, rate and number are halved, and good ends undo that step by step. A
/// peer that has worked and takes no connection in time slows them too, and the network with them:
/// there is who drops what is too much. After a number of failures of one kind in a row the failure
/// is taken for granted: whoever asks, and whoever waits, gets `.known` at once, while one
/// connection in half a minute tests it.
///
/// **Bounds.** A request waits as long as others are served where it waits: where for
/// `idleMaxMilliseconds` none has ended well, it is `.overdue`, as it is after so long where too
/// many wait in all, and in any case after `waitMaxMilliseconds`. `WaitingHosts` limits how many
/// hosts wait at one destination, so that a large provider that is slow does not fill the memory;
/// those beyond are kept by the scan as their names alone.
public actor ConnectionLimiter {
    /// Whether a connection may be made.
    public enum Answer: Sendable {
        case admitted
        /// Others have tried this peer without success just now.
        case known(SharedFailure)
        /// It waited longer than the limit.
        case overdue
    }

    /// An answer, and until when the connection is to begin where it is admitted and a rate holds.
    private struct Reply {
        let answer: Answer
        var beginsUntil: Instant?
    }

    private typealias Waiter = UnsafeContinuation<Reply, Never>

    /// What a connection holds of the loop that it was made on.
    public enum Holding: Sendable {
        /// One of its sessions or fetches.
        case slot
        /// One of its slow sessions.
        case slowSlot
        /// Nothing any more.
        case nothing
    }

    /// A connection that waits.
    @safe private final class Request {
        let destination: Destination
        let scopes: [Scope]
        let since: Instant
        /// The scope in whose queue it is.
        var place: Scope?
        var deadline: Deadline?
        private var waiter: Waiter?

        init(
            _ destination: Destination, _ scopes: [Scope], at now: Instant, _ waiter: Waiter
        ) {
            self.destination = destination
            self.scopes = scopes
            since = now
            unsafe self.waiter = waiter
        }

        var isAnswered: Bool { unsafe waiter == nil }

        func answer(_ reply: Reply) {
            unsafe waiter?.resume(returning: reply)
            unsafe waiter = nil
        }
    }

    /// What is known of a scope.
    @safe private final class Entry {
        var adaptive: AdaptiveLimit
        /// Of a scope that is a loop's own: how much the loop bears.
        var window: InFlightWindow?
        private var waiting = Deque<Request>()
        /// Those at whose destination many hosts wait.
        private var crowded = Deque<Request>()
        private var isTurnOfCrowded = false
        /// Those who are connected already and want their slot back.
        var returning = unsafe Deque<UnsafeContinuation<Void, Never>>()
        var hasTimer = false
        /// When a connection ended well the last time; at first when it was made.
        var servedAt: Instant

        init(_ limit: Limit, _ window: InFlightWindow?, at now: Instant) {
            adaptive = AdaptiveLimit(limit)
            self.window = window
            servedAt = now
        }

        /// How many wait, without those that want their slot back.
        var waitingCount: Int { waiting.count + crowded.count }
        /// Whether a place would be used.
        var isWanted: Bool { unsafe waitingCount > 0 || !returning.isEmpty }

        func append(_ request: Request, isCrowded: Bool) {
            if isCrowded { crowded.append(request) } else { waiting.append(request) }
        }

        /// The next that waits, of both kinds in turn.
        func popFirst() -> Request? {
            isTurnOfCrowded.toggle()
            return isTurnOfCrowded
                ? crowded.popFirst() ?? waiting.popFirst()
                : waiting.popFirst() ?? crowded.popFirst()
        }

        /// Has the window take notice of something, and the limit follow.
        func change(_ notice: (inout InFlightWindow) -> Void) {
            guard var changed = window else { return }
            notice(&changed)
            window = changed
            adaptive.setAtOnce(changed.size)
        }
    }

    /// What is known of a peer, and who waits for it.
    private struct PeerEntry {
        var health = PeerHealth()
        var parked: [Request] = []
        /// At how many parked requests those that are answered go.
        var compactAt = PeerEntry.compactMin

        static let compactMin = 128

        mutating func compact() {
            guard parked.count > compactAt else { return }
            parked.removeAll(where: \.isAnswered)
            compactAt = max(Self.compactMin, 2 * parked.count)
        }
    }

    /// How often in a row an admission that has come too late is given back.
    private static let lateMax = 3
    /// How many waiters are checked before the loop serves others.
    private static let looksMax = 64
    private static let entriesMin = 10_000

    /// The loop that it runs on.
    public nonisolated let loop: EventLoop
    private let limits: DestinationLimits
    private let loopLimits: LoopLimits
    private var entries: [Scope: Entry] = [:]
    private var peers: [Peer: PeerEntry] = [:]
    private var waitingHosts: WaitingHosts
    private var sweepAt = entriesMin
    private var sweepPeersAt = entriesMin
    private var counts = LimiterStats()

    /// Pins the limiter to the loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe loop.asUnownedSerialExecutor()
    }

    /// A limiter that runs on `loop`.
    public init(_ limits: DestinationLimits, _ loopLimits: LoopLimits, on loop: EventLoop) {
        self.limits = limits
        self.loopLimits = loopLimits
        self.loop = loop
        waitingHosts = WaitingHosts(limit: loopLimits.waitingHosts)
    }

    /// What limits have done so far.
    public var stats: LimiterStats {
        var stats = counts
        stats.destinations = entries.count
        for loop in 0..<loopLimits.loops {
            add(.smtp, of: loop, to: &stats.sessions)
            add(.https, of: loop, to: &stats.fetches)
        }
        return stats
    }

    private func add(
        _ service: Destination.Service, of loop: Int, to stats: inout WindowStats
    ) {
        let entry = entries[.loop(service, loop)]
        stats.size += (entry?.window ?? loopLimits.window(of: service)).size
        stats.waiting += entry?.waitingCount ?? 0
    }

    // MARK: Connections

    /// Waits until a connection may begin, which must then `release`, unless the peer is known to
    /// fail.
    ///
    /// Connections that were admitted one after the other would begin together where their loop
    /// was held up meanwhile. So an admission that has come too late for the rate is given back.
    public nonisolated func acquire(_ destination: Destination) async -> Answer {
        var reply = await reply(to: destination)
        for _ in 0..<Self.lateMax {
            guard let end = reply.beginsUntil, loop.now > end else { break }
            await release(destination, .untried)
            reply = await self.reply(to: destination)
        }
        return reply.answer
    }

    private func reply(to destination: Destination) async -> Reply {
        let scopes = destination.scopes(limits)
        return await unsafe withUnsafeContinuation { waiter in
            let request = unsafe Request(destination, scopes, at: loop.now, waiter)
            guard let scope = admit(request) else { return }
            counts.noteWait(for: scope)
            counts.waiting += 1
            enqueue(request, at: scope)
            remember(request)
            expire(request)
        }
    }

    /// Ends the wait of a request that is overdue, or looks again when it may be.
    private func expire(_ request: Request) {
        guard !request.isAnswered else { return }
        let end = end(ofWaitAt: request.place, since: request.since)
        guard end <= loop.now else {
            // The deadline fires on the loop that the limiter is pinned to.
            nonisolated(unsafe) let waiting = request
            request.deadline = loop.schedule(at: end) { [self] in
                assumeIsolated { unsafe $0.expire(waiting) }
            }
            return
        }
        counts.overdue += 1
        counts.waiting -= 1
        request.answer(Reply(answer: .overdue))
    }

    /// When what waits at a scope is overdue, as far as is known.
    private func end(ofWaitAt scope: Scope?, since start: Instant) -> Instant {
        let last = start.advanced(milliseconds: limits.waitMaxMilliseconds)
        // Where too many wait, what waits long takes the room of others.
        let served = waitingHosts.areTooMany ? nil : scope.flatMap { entries[$0]?.servedAt }
        return min(
            last, max(start, served ?? start).advanced(milliseconds: limits.idleMaxMilliseconds))
    }

    /// A connection has ended that holds this of its loop.
    public func release(
        _ destination: Destination, _ end: ConnectionEnd, holding: Holding = .slot
    ) {
        let now = loop.now
        // Where the peer has worked, silence is that of who drops what is too much.
        let isOverload = end.isLoss && peers[destination.peer]?.health.hasWorked == true
        if end.isPush || isOverload { counts.pushbacks += 1 }
        var scopes = destination.scopes(limits)
        // In a network that drops what is too much, silence says little of an address.
        let isDoubtful =
            end.isLoss && !isOverload
            && scopes.contains {
                $0.isNetwork && entries[$0].map { $0.adaptive.steps > 0 } == true
            }
        switch holding {
        case .slot: break
        case .slowSlot: scopes[scopes.count - 1] = .slowSessions(destination.loop)
        case .nothing: scopes.removeLast()
        }
        for scope in scopes {
            let isSlowed =
                scope.isOfPeer && (end.isPush || isOverload) || scope.isNetwork && isOverload
            entries[scope]?.adaptive.end(pushesBack: isSlowed, at: now)
            if end == .good { entries[scope]?.servedAt = now }
        }
        if holding != .nothing { noteEnd(end, of: destination) }
        note(end, of: destination, isDoubtful: isDoubtful, now)
        for scope in scopes { wake(scope) }
        sweep()
        sweepPeers()
    }

    /// A connection has shown all it will, and holds nothing of its loop any more; it still is to
    /// `release`.
    public func releaseSlot(_ destination: Destination, _ holding: Holding) {
        let slot: Scope
        switch holding {
        case .slot: slot = .loop(destination.service, destination.loop)
        case .slowSlot: slot = .slowSessions(destination.loop)
        case .nothing: return
        }
        entries[slot]?.adaptive.end(pushesBack: false, at: loop.now)
        noteEnd(.good, of: destination)
        wake(slot)
    }

    /// A connection was not made, since this machine had no room for it.
    public func releaseUnmade(_ destination: Destination, holding: Holding) {
        let now = loop.now
        entries[.loop(destination.service, destination.loop)]?.change {
            if $0.pushBack(at: now) { counts.shortages += 1 }
        }
        release(destination, .untried, holding: holding)
    }

    /// A loop says, a few times a second, how late it is.
    public func noteLag(ofLoop loop: Int, milliseconds: Int) {
        for service in [Destination.Service.smtp, .https] {
            entries[.loop(service, loop)]?.change { $0.noteLag(milliseconds: milliseconds) }
        }
    }

    /// Has the window of its loop know how a connection has ended.
    private func noteEnd(_ end: ConnectionEnd, of destination: Destination) {
        guard end != .untried,
            let entry = entries[.loop(destination.service, destination.loop)]
        else { return }
        let isWanted = entry.isWanted
        entry.change { window in
            if end.isLoss { window.lost() } else { window.ended(isWanted: isWanted) }
        }
    }

    /// A session that waits for its peer for long gives its slot on the loop to another; false
    /// where it has to keep it.
    public func park(_ destination: Destination) -> Bool {
        let slow = Scope.slowSessions(destination.loop)
        guard loopLimits.slowSessions > 0, entry(slow).adaptive.nextPermit(at: loop.now) == .now
        else {
            return false
        }
        entries[slow]?.adaptive.begin(at: loop.now)
        let slot = Scope.loop(destination.service, destination.loop)
        entries[slot]?.adaptive.yield()
        wake(slot)
        return true
    }

    /// The peer of a slow session has answered: it waits for a slot on the loop, ahead of new ones.
    public func unpark(_ destination: Destination) async {
        let slow = Scope.slowSessions(destination.loop)
        let slot = Scope.loop(destination.service, destination.loop)
        await unsafe withUnsafeContinuation { continuation in
            entries[slow]?.adaptive.end(pushesBack: false, at: loop.now)
            if entry(slot).adaptive.nextPermit(at: loop.now) == .now {
                entries[slot]?.adaptive.takeBack()
                unsafe continuation.resume()
            } else {
                unsafe entry(slot).returning.append(continuation)
            }
        }
    }

    // MARK: Full destinations

    /// Begins to wait for a host, which must then `part`, unless too many wait already; one that
    /// `mustWait` cannot be parked.
    public func join(_ destination: Destination, mustWait: Bool) -> WaitResult {
        let scopes = destination.waitScopes
        // Requests there are answered at once.
        guard !mustWait, known(destination) == nil else {
            waitingHosts.add(scopes)
            return .joined
        }
        return waitingHosts.join(scopes)
    }

    /// What was waited for is known.
    public func part(_ destination: Destination) { waitingHosts.part(destination.waitScopes) }

    /// How many more hosts each of the destinations takes, which had no room since then.
    ///
    /// One that has been full for so long that no other host would be admitted in time takes them
    /// all: they are `.overdue`.
    public func rooms(at destinations: [(BusyDestination, since: Instant)]) -> [Int] {
        destinations.map { destination, since in
            let scope = destination.scope
            let place = entries[scope] == nil ? scope.withoutLimit : scope
            return waitingHosts.room(
                scope, isOverdue: end(ofWaitAt: place, since: since) <= loop.now)
        }
    }

    // MARK: Waiting

    /// Lets a connection begin, or returns the scope at which it has to wait.
    private func admit(_ request: Request) -> Scope? {
        let now = loop.now
        if let failure = known(request.destination) {
            counts.sharedFailures += 1
            answer(request, Reply(answer: .known(failure)))
            return nil
        }
        for scope in request.scopes where entry(scope).adaptive.nextPermit(at: now) != .now {
            return scope
        }
        var reply = Reply(answer: .admitted)
        for scope in request.scopes {
            let entry = entry(scope)
            entry.adaptive.begin(at: now)
            if entry.adaptive.isPaced { reply.beginsUntil = AdaptiveLimit.latestBegin(after: now) }
        }
        let failureLimit = request.destination.failureLimit(limits)
        peers[request.destination.peer]?.health.begin(limit: failureLimit)
        answer(request, reply)
        return nil
    }

    private func answer(_ request: Request, _ reply: Reply) {
        if let deadline = request.deadline { loop.cancel(deadline) }
        request.deadline = nil
        request.answer(reply)
    }

    private func enqueue(_ request: Request, at scope: Scope) {
        guard let entry = entries[scope] else { return }
        request.place = scope
        // Whoever waits at a destination waits there for the same.
        let isCrowded =
            entry.window != nil && waitingHosts.isCrowded(request.destination.waitScopes)
        entry.append(request, isCrowded: isCrowded)
        setTimer(scope)
    }

    /// Checks the connections that wait at a scope again; each begins, or waits at another scope.
    private func wake(_ scope: Scope) {
        var looks = 0
        while let entry = entries[scope], entry.adaptive.nextPermit(at: loop.now) == .now {
            if let first = unsafe entry.returning.popFirst() {
                entry.adaptive.takeBack()
                unsafe first.resume()
                continue
            }
            guard let request = entry.popFirst() else { return }
            guard !request.isAnswered else { continue }
            if let next = admit(request) {
                enqueue(request, at: next)
                looks += 1
                guard looks < Self.looksMax else { return setTimer(scope, after: 10) }
            } else {
                counts.waiting -= 1
            }
        }
        setTimer(scope)
    }

    /// Checks again when the scope opens by itself, if a connection waits there.
    private func setTimer(_ scope: Scope, after milliseconds: Int? = nil) {
        guard let entry = entries[scope], !entry.hasTimer, entry.waitingCount > 0 else { return }
        let instant: Instant
        switch entry.adaptive.nextPermit(at: loop.now) {
        case .at(let nextPermit): instant = nextPermit
        case .now: instant = loop.now.advanced(milliseconds: milliseconds ?? 0)
        case .whenClosed: return
        }
        entry.hasTimer = true
        _ = loop.schedule(at: instant) { [self] in
            assumeIsolated { limiter in
                limiter.entries[scope]?.hasTimer = false
                limiter.wake(scope)
            }
        }
    }

    // MARK: What is known

    private func entry(_ scope: Scope) -> Entry {
        if let entry = entries[scope] { return entry }
        let entry = Entry(limit(of: scope), window(of: scope), at: loop.now)
        entries[scope] = entry
        return entry
    }

    private func limit(of scope: Scope) -> Limit {
        switch scope {
        case .address(.smtp, _): limits.address
        case .address(.https, _): limits.fetchAddress
        case .share(let service, _): Limit(atOnce: loopLimits.share(of: service), perSecond: 0)
        case .network(.smtp, _): limits.network
        case .network(.https, _): limits.fetchNetwork
        case .domain: limits.domain
        case .loop(let service, _):
            Limit(atOnce: loopLimits.window(of: service).size, perSecond: 0)
        case .slowSessions: Limit(atOnce: loopLimits.slowSessions, perSecond: 0)
        }
    }

    private func window(of scope: Scope) -> InFlightWindow? {
        if case .loop(let service, _) = scope { loopLimits.window(of: service) } else { nil }
    }

    private func known(_ destination: Destination) -> SharedFailure? {
        peers[destination.peer]?.health.known(
            at: loop.now, limit: destination.failureLimit(limits))
    }

    /// Has a request that waits, wherever it does, be found by its peer.
    private func remember(_ request: Request) {
        let peer = request.destination.peer
        peers[peer, default: PeerEntry()].parked.append(request)
        peers[peer]?.compact()
    }

    /// Notes what a connection has shown of its peer; those that wait for a failing peer are
    /// rejected.
    private func note(
        _ end: ConnectionEnd, of destination: Destination, isDoubtful: Bool, _ now: Instant
    ) {
        noteReach(end, of: destination)
        let peer = destination.peer
        var entry = peers.removeValue(forKey: peer) ?? PeerEntry()
        entry.health.end(isDoubtful ? .untried : end, name: destination.name, at: now)
        let limit = destination.failureLimit(limits)
        if let failure = entry.health.known(at: now, limit: limit) {
            for request in entry.parked where !request.isAnswered {
                counts.sharedFailures += 1
                counts.waiting -= 1
                answer(request, Reply(answer: .known(failure)))
            }
            entry.parked = []
        }
        peers[peer] = entry
    }

    private func noteReach(_ end: ConnectionEnd, of destination: Destination) {
        guard destination.service == .smtp, end != .untried, !counts.reach.isOpen else { return }
        guard let failure = end.failure, failure.phase == .connect else {
            return counts.reach.opened()
        }
        for address in destination.addresses { counts.reach.failed(at: address, failure.status) }
    }

    /// Forgets destinations with which nothing is left to do, when they have become many.
    private func sweep() {
        guard entries.count > sweepAt else { return }
        let now = loop.now
        entries = entries.filter { _, entry in
            entry.window != nil || !entry.adaptive.isIdle(at: now) || entry.isWanted
                || entry.hasTimer
        }
        sweepAt = max(Self.entriesMin, 2 * entries.count)
    }

    /// Forgets peers that no connection waits for, and that do not fail.
    private func sweepPeers() {
        guard peers.count > sweepPeersAt else { return }
        let now = loop.now
        peers = peers.filter { _, entry in
            !entry.health.isIdle(at: now) || entry.parked.contains { !$0.isAnswered }
        }
        sweepPeersAt = max(Self.entriesMin, 2 * peers.count)
    }
}

extension Scope {
    /// What an address without a limit of its own counts in; nil for what is none.
    fileprivate var withoutLimit: Scope? {
        if case .address(let service, let address) = self { .share(service, address) } else { nil }
    }

    fileprivate var isNetwork: Bool { if case .network = self { true } else { false } }

    /// Whether it is slowed when a peer pushes back: the address and the operator, not the network.
    fileprivate var isOfPeer: Bool {
        switch self {
        case .address, .domain: true
        case .network, .share, .loop, .slowSessions: false
        }
    }
}
