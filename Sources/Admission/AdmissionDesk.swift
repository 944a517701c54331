internal import DNS
internal import DequeModule
public import EventLoop

/// How many connections a loop may have.
public struct LoopLimits: Sendable {
    /// SMTP sessions at once.
    public var sessions: Int
    /// Connects to MX hosts at once that take long, beside the sessions.
    public var slowConnects: Int
    /// Policy fetches at once.
    public var fetches: Int

    /// These limits.
    public init(sessions: Int, slowConnects: Int, fetches: Int) {
        self.sessions = sessions
        self.slowConnects = slowConnects
        self.fetches = fetches
    }
}

/// Why nothing took a connection.
public enum Unreached: Hashable, Sendable {
    case timedOut
    case refused
    case unreachable
}

/// What a connection came to, as far as its destination is to be treated otherwise for it.
public enum ConnectionEnd: Sendable {
    case good
    /// 421, another 4xx greeting, or a reset.
    case pushedBack
    /// Nothing took the connection: a time-out, a refusal or no way there.
    case unreached(Unreached)
}

/// Lets connections begin within the limits of a scan.
///
/// All loops ask the one desk, which lives on one of them, so that limits hold for the scan as a
/// whole without a lock. A connection that may not begin waits at what keeps it, holding nothing;
/// others pass it. Every wait is bounded: what has waited for `waitMaxMilliseconds` is told so.
public actor AdmissionDesk {
    /// Whether a connection may be made.
    public enum Answer: Sendable {
        case admitted
        /// Others have tried this address in vain just now, so often, to this end.
        case known(Unreached, times: Int)
        /// Its turn did not come in time.
        case overdue
    }

    private typealias Waiter = UnsafeContinuation<Answer, Never>

    /// A connection that waits.
    private final class Request {
        let scopes: [Scope]
        private var waiter: Waiter?

        init(_ scopes: [Scope], _ waiter: Waiter) {
            self.scopes = scopes
            self.waiter = waiter
        }

        var isAnswered: Bool { waiter == nil }

        func answer(_ answer: Answer) {
            waiter?.resume(returning: answer)
            waiter = nil
        }
    }

    /// What is known of a scope.
    private final class Entry {
        var pace: Pace
        var waiting = Deque<Request>()
        /// Those who are connected already and want their place back.
        var returning = Deque<UnsafeContinuation<Void, Never>>()
        var hasTimer = false
        /// How often in a row nothing took a connection, how that was, and when last.
        var failures = 0
        var failure = Unreached.timedOut
        var failedAt = Instant(nanoseconds: 0)

        init(_ limit: Limit) { pace = Pace(limit) }
    }

    /// How long it is taken for granted that nothing takes connections, in milliseconds.
    private static let outageMilliseconds = 30_000
    /// How many waiters are looked at before others get the loop.
    private static let looksMax = 64
    private static let entriesMin = 10_000

    private nonisolated let loop: EventLoop
    private let limits: AdmissionLimits
    private let loopLimits: LoopLimits
    private var entries: [Scope: Entry] = [:]
    private var sweepAt = entriesMin
    private var counts = AdmissionStats()

    /// Pins the desk to the loop.
    public nonisolated var unownedExecutor: UnownedSerialExecutor {
        loop.asUnownedSerialExecutor()
    }

    /// A desk that lives on `loop`.
    public init(_ limits: AdmissionLimits, _ loopLimits: LoopLimits, on loop: EventLoop) {
        self.limits = limits
        self.loopLimits = loopLimits
        self.loop = loop
    }

    /// What limits have done so far.
    public var stats: AdmissionStats {
        var stats = counts
        stats.destinations = entries.count
        return stats
    }

    // MARK: Connections

    /// Waits until a connection may begin, which must then `leave`, unless the address is silent.
    public func enter(_ destination: Destination) async -> Answer {
        let scopes = destination.scopes(limits)
        return await withUnsafeContinuation { waiter in
            let request = Request(scopes, waiter)
            guard let scope = admit(request) else { return }
            counts.noteWait(for: scope)
            counts.waiting += 1
            park(request, at: scope)
            let end = loop.now.advanced(milliseconds: limits.waitMaxMilliseconds)
            // The deadline fires on the loop that the desk is pinned to.
            nonisolated(unsafe) let parked = request
            _ = loop.schedule(at: end) { [self] in assumeIsolated { $0.giveUp(parked) } }
        }
    }

    private func giveUp(_ request: Request) {
        guard !request.isAnswered else { return }
        counts.overdue += 1
        counts.waiting -= 1
        request.answer(.overdue)
    }

    /// A connection has ended; `isSlow` where it has yielded its place and not taken it back.
    public func leave(
        _ destination: Destination, _ end: ConnectionEnd, isSlow: Bool = false
    ) {
        let now = loop.now
        if end.isPush { counts.pushbacks += 1 }
        var scopes = destination.scopes(limits)
        if isSlow { scopes[scopes.count - 1] = .slowConnects(destination.loop) }
        for scope in scopes {
            if case .address = scope { note(end, at: scope, now) }
            entries[scope]?.pace.end(pushesBack: end.isPush && scope.isOfPeer, at: now)
        }
        for scope in scopes { wake(scope) }
        sweep()
    }

    /// A connect that takes long gives its place on the loop to another; false where it has to
    /// keep it.
    public func yieldPlace(_ destination: Destination) -> Bool {
        let slow = Scope.slowConnects(destination.loop)
        guard loopLimits.slowConnects > 0, entry(slow).pace.opening(at: loop.now) == .now else {
            return false
        }
        entries[slow]?.pace.begin(at: loop.now)
        let place = Scope.loop(destination.service, destination.loop)
        entries[place]?.pace.yield()
        wake(place)
        return true
    }

    /// The slow connect has ended, and waits for a place on the loop, ahead of new ones.
    public func takePlaceBack(_ destination: Destination) async {
        entries[.slowConnects(destination.loop)]?.pace.end(pushesBack: false, at: loop.now)
        let place = Scope.loop(destination.service, destination.loop)
        await withUnsafeContinuation { continuation in
            if entry(place).pace.opening(at: loop.now) == .now {
                entries[place]?.pace.takeBack()
                continuation.resume()
            } else {
                entry(place).returning.append(continuation)
            }
        }
    }

    // MARK: Waiting

    /// Lets a connection begin, or tells where it has to wait.
    private func admit(_ request: Request) -> Scope? {
        let now = loop.now
        for scope in request.scopes {
            let entry = entry(scope)
            if case .address = scope, isOut(entry, now) {
                counts.sharedFailures += 1
                request.answer(.known(entry.failure, times: entry.failures))
                return nil
            }
            if entry.pace.opening(at: now) != .now { return scope }
        }
        for scope in request.scopes { entries[scope]?.pace.begin(at: now) }
        request.answer(.admitted)
        return nil
    }

    private func park(_ request: Request, at scope: Scope) {
        entries[scope]?.waiting.append(request)
        setTimer(scope)
    }

    /// Has those look again who wait at a scope; each begins, or goes on to wait elsewhere.
    private func wake(_ scope: Scope) {
        var looks = 0
        while let entry = entries[scope], entry.pace.opening(at: loop.now) == .now {
            if let first = entry.returning.popFirst() {
                entry.pace.takeBack()
                first.resume()
                continue
            }
            guard let request = entry.waiting.popFirst() else { return }
            guard !request.isAnswered else { continue }
            if let next = admit(request) {
                park(request, at: next)
                looks += 1
                guard looks < Self.looksMax else { return setTimer(scope, after: 10) }
            } else {
                counts.waiting -= 1
            }
        }
        setTimer(scope)
    }

    /// Looks again when the scope opens by itself, if anybody waits there.
    private func setTimer(_ scope: Scope, after milliseconds: Int? = nil) {
        guard let entry = entries[scope], !entry.hasTimer, !entry.waiting.isEmpty else { return }
        let instant: Instant
        switch entry.pace.opening(at: loop.now) {
        case .at(let opening): instant = opening
        case .now: instant = loop.now.advanced(milliseconds: milliseconds ?? 0)
        case .whenClosed: return
        }
        entry.hasTimer = true
        _ = loop.schedule(at: instant) { [self] in
            assumeIsolated { desk in
                desk.entries[scope]?.hasTimer = false
                desk.wake(scope)
            }
        }
    }

    // MARK: What is known

    private func entry(_ scope: Scope) -> Entry {
        if let entry = entries[scope] { return entry }
        let entry = Entry(limit(of: scope))
        entries[scope] = entry
        return entry
    }

    private func limit(of scope: Scope) -> Limit {
        switch scope {
        case .address(.smtp, _): limits.address
        case .address(.https, _): limits.fetchAddress
        case .network: limits.network
        case .domain: limits.domain
        case .loop(.smtp, _): Limit(atOnce: loopLimits.sessions, perSecond: 0)
        case .loop(.https, _): Limit(atOnce: loopLimits.fetches, perSecond: 0)
        case .slowConnects: Limit(atOnce: loopLimits.slowConnects, perSecond: 0)
        }
    }

    private func note(_ end: ConnectionEnd, at address: Scope, _ now: Instant) {
        guard let entry = entries[address] else { return }
        guard case .unreached(let failure) = end else {
            entry.failures = 0
            return
        }
        entry.failures += 1
        entry.failure = failure
        entry.failedAt = now
    }

    /// Whether nothing takes connections at the address, as others have found just now.
    private func isOut(_ entry: Entry, _ now: Instant) -> Bool {
        limits.sharedFailures > 0 && entry.failures >= limits.sharedFailures
            && now.milliseconds(since: entry.failedAt) < Self.outageMilliseconds
    }

    /// Forgets destinations with which nothing is left to do, when they have become many.
    private func sweep() {
        guard entries.count > sweepAt else { return }
        let now = loop.now
        entries = entries.filter { _, entry in
            !entry.pace.isIdle(at: now) || !entry.waiting.isEmpty || entry.hasTimer
                || !entry.returning.isEmpty
                || now.milliseconds(since: entry.failedAt) < Self.outageMilliseconds
        }
        sweepAt = max(Self.entriesMin, 2 * entries.count)
    }
}

extension ConnectionEnd {
    /// Whether the peer is to be slowed: it asks for it, or refuses.
    fileprivate var isPush: Bool {
        switch self {
        case .pushedBack, .unreached(.refused): true
        case .good, .unreached: false
        }
    }
}

extension Scope {
    /// Whether it is slowed when a peer pushes back: the address and the operator, not neighbours.
    fileprivate var isOfPeer: Bool {
        switch self {
        case .address, .domain: true
        case .network, .loop, .slowConnects: false
        }
    }
}
