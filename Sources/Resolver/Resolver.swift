public import DNS
internal import DequeModule
public import EventLoop
public import Metrics

/// Asks recursive resolvers over c-ares, for what lives on one loop.
///
/// A question goes to the name servers in turn; one that gets no usable answer is sent to the next.
/// Several questions are asked at once by one call, which costs one wait: cheaper than one for
/// each. A server that is silent, or fails time and again, is asked control questions; one that
/// does not stand them is left out until it does. While all are out questions wait: an outage is no
/// fact about a domain.
public final class Resolver {
    let loop: EventLoop
    let options: ResolverOptions
    let servers: [Server]
    private let ids = QueryIDs()
    private var budget: QueryBudget
    /// The place of the server whose turn is next.
    private var next = 0
    private var waiting = Deque<Query>()
    private var window: InFlightWindow
    /// The questions that are out, those about servers apart.
    private var inFlight = 0
    /// The questions that are out, or wait to be sent.
    private var asked = 0
    private var hasTimer = false
    /// How many questions have ended, those about servers apart.
    public private(set) var ended = 0
    /// How often questions waited for the rate of a server or of all.
    public private(set) var rateWaits = 0
    /// How long each try took, from sending to its answer or time-out, by the loop's turns.
    public internal(set) var times = Histogram()

    /// A resolver over `servers`, which must not be empty.
    ///
    /// `checks` tells how each stood the control questions, and must go on to stand them; it is
    /// empty where that is not known yet. Where one is sound the others are out until they are.
    public init(
        servers: [NameServer], checks: [ServerCheck] = [], options: ResolverOptions,
        loop: EventLoop
    ) throws(ResolverError) {
        precondition(!servers.isEmpty, "a resolver needs a name server")
        self.loop = loop
        self.options = options
        budget = QueryBudget(perSecond: options.perSecondInAll)
        window = InFlightWindow(limit: options.inFlightLimit, at: loop.now)
        let hasSound = checks.contains { $0.soundness?.isSound == true }
        var made: [Server] = []
        for (place, server) in servers.enumerated() {
            let channel = try Channel(
                server: server, from: options.sources,
                timeoutMilliseconds: options.timeoutMilliseconds, loop: loop)
            let check = place < checks.count ? checks[place] : nil
            // What stays on the machine burdens nobody else's server.
            made.append(
                Server(
                    channel, at: place, expected: hasSound ? .sound : check?.soundness,
                    perSecond: server.isLoopback && !options.limitsLoopback
                        ? nil : options.perSecond))
        }
        self.servers = made
        for (server, check) in zip(made, checks) where !server.isMet(by: check) {
            putAside(server)
        }
    }

    /// How many questions are out, or wait to be sent.
    public var load: Int { asked }
    /// How many questions are out.
    public var out: Int { inFlight }

    /// What each name server has done so far, in their order.
    public var reports: [ServerReport] {
        servers.map { server in
            var report = server.report
            report.state = server.health.state
            report.downMilliseconds = server.health.downMilliseconds(at: loop.now) ?? 0
            return report
        }
    }

    // MARK: Asking

    /// Asks one question.
    public func lookup(_ question: Question) async -> Lookup {
        await lookups([question])[0]
    }

    /// Asks all `questions` at once, three at most; the lookups come in their order.
    public func lookups(_ questions: [Question]) async -> Lookups {
        guard !questions.isEmpty else { return Lookups(count: 0) }
        return await withUnsafeContinuation { ask(questions, for: WaitingTask($0)) }
    }

    /// Asks all `questions` at once, at least one and three at most, without a task that waits.
    public func ask(_ questions: [Question], for asker: any Asker) {
        let batch = Batch(questions, for: asker, by: self, isControl: false)
        let now = loop.turnTime
        for slot in questions.indices {
            let query = Query(batch: batch, slot: slot)
            let mustWait = areWaiting
            asked += 1
            if !mustWait, hasRoom(for: inFlight + 1, at: now), let server = turn(at: now) {
                inFlight += 1
                send(query, to: server, at: now)
            } else {
                waiting.append(query)
            }
        }
    }

    // MARK: Sending

    private var areWaiting: Bool { inFlight < asked }

    /// Sends what may be sent: within the limit, and only to servers that are up.
    func sendWaiting(at now: Instant) {
        while areWaiting, hasRoom(for: inFlight + 1, at: now), let server = turn(at: now) {
            guard let query = waiting.popFirst() else { return }
            inFlight += 1
            send(query, to: server, at: now)
        }
    }

    /// Whether so many questions may be out now; where they may soon, what waits is looked at then.
    private func hasRoom(for count: Int, at now: Instant) -> Bool {
        if window.allows(count, at: now) { return true }
        if window.isGrowing { sendWaiting(after: 1) }
        return false
    }

    /// Notes that a question was lost on its way, or its answer.
    func noteLoss(at now: Instant) { window.lose(at: now) }

    /// The next server in turn that is up, and may be sent a question now.
    private func turn(at now: Instant) -> Server? {
        guard budget.allows(at: now) else {
            waitForRate(budget.waitMilliseconds)
            return nil
        }
        var wait: Int?
        for _ in servers.indices {
            let server = servers[next]
            next = next + 1 < servers.count ? next + 1 : 0
            guard server.health.state == .up else { continue }
            if server.budget.allows(at: now) { return server }
            wait = min(wait ?? .max, server.budget.waitMilliseconds)
        }
        if let wait { waitForRate(wait) }
        return nil
    }

    private func waitForRate(_ milliseconds: Int) {
        if !hasTimer { rateWaits += 1 }
        sendWaiting(after: milliseconds)
    }

    /// Kept out of `turn`, which each question goes through.
    @inline(never)
    private func sendWaiting(after milliseconds: Int) {
        guard !hasTimer else { return }
        hasTimer = true
        _ = loop.schedule(at: loop.now.advanced(milliseconds: milliseconds)) { [self] in
            hasTimer = false
            sendWaiting(at: loop.turnTime)
        }
    }

    func send(_ query: Query, to server: Server, at now: Instant) {
        if query.progress.tries > 0 { server.report.retries += 1 }
        query.progress.tries += 1
        query.progress.server = server.place
        query.progress.sentAt = now
        server.report.questions += 1
        server.budget.take()
        budget.take()
        query.question.withMessage(id: ids.next()) { message in
            server.channel.send(message, resolverAnswered, query.retained)
        }
    }

    /// Sends a question again, to the next server in turn.
    func sendAgain(_ query: Query) {
        let now = loop.turnTime
        if hasRoom(for: inFlight, at: now), let server = turn(at: now) {
            return send(query, to: server, at: now)
        }
        inFlight -= 1
        waiting.prepend(query)
    }

    /// Ends a question that was not about a server.
    func complete(_ query: Query, _ lookup: Lookup, at now: Instant) {
        inFlight -= 1
        asked -= 1
        ended += 1
        query.batch.complete(query.slot, lookup)
        if areWaiting { sendWaiting(at: now) }
    }
}

/// A task that waits for lookups.
private final class WaitingTask: Asker {
    private let continuation: UnsafeContinuation<Lookups, Never>

    init(_ continuation: UnsafeContinuation<Lookups, Never>) { self.continuation = continuation }

    func take(_ lookups: Lookups) { continuation.resume(returning: lookups) }
}
