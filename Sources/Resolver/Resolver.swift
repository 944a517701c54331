internal import CAres
public import DNS
internal import DequeModule
public import EventLoop
public import Metrics

/// How questions are asked.
public struct ResolverOptions: Sendable {
    /// How long one try waits, in milliseconds.
    public var timeoutMilliseconds = 4000
    /// How many times a question is sent before it counts as unanswered.
    public var tries = 3
    /// The addresses that questions come from, one of a family; the system's choice without.
    public var sources: [IPAddress] = []
    /// How many questions a second each server is sent by this loop; nil for any number.
    public var perSecond: Double?
    /// Whether that holds for servers on this machine, too.
    public var limitsLoopback = false
    /// How many questions a second all servers are sent by this loop; nil for any number.
    public var perSecondInAll: Double?
    /// How many questions may be out at once; the rest wait in order.
    public var inFlightLimit = 1000

    /// The defaults.
    public init() {}
}

/// Asks recursive resolvers over c-ares, from the tasks of one loop.
///
/// A question goes to the name servers in turn; one that gets no usable answer is sent to the next.
/// Several questions are asked at once by one call, which suspends its task once: cheaper than a
/// task for each. A server that is silent, or fails time and again, is asked control questions; one
/// that does not stand them is left out until it does. While all are out questions wait: an outage
/// is no fact about a domain.
public final class Resolver {
    /// How often a server in use is asked control questions, in milliseconds.
    private static let controlMilliseconds = 60_000
    /// How often the tries of one question may be struck out: a bound for servers that come and go.
    private static let pardonsMax = 20

    private let loop: EventLoop
    private let options: ResolverOptions
    private let servers: [Server]
    private var ids = QueryIDs()
    private var waiting = Deque<Query>()
    private var inFlight = 0
    private var nextServer = 0
    private let budget: QueryBudget
    private var hasTimer = false
    /// How often questions waited for the rate of a server or of all.
    public private(set) var rateWaits = 0
    /// How long each try took, from sending to its answer or time-out, by the loop's turns.
    public private(set) var times = Histogram()

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
                    channel, expected: hasSound ? .sound : check?.soundness,
                    perSecond: server.isLoopback && !options.limitsLoopback
                        ? nil : options.perSecond))
        }
        self.servers = made
        for (server, check) in zip(made, checks) where !server.isMet(by: check) {
            putAside(server)
        }
    }

    /// How many questions are out, or wait to be sent.
    public var load: Int { inFlight + waiting.count }

    /// What each name server has done so far, in their order.
    public var reports: [ServerReport] {
        servers.map { server in
            var report = server.report
            report.state = server.health.state
            report.downMilliseconds = server.health.downMilliseconds(at: loop.now) ?? 0
            return report
        }
    }

    /// Asks one question.
    public func lookup(_ question: Question) async -> Lookup {
        await lookups([question])[0]
    }

    /// Asks all `questions` at once; the lookups come in their order.
    public func lookups(_ questions: [Question]) async -> [Lookup] {
        guard !questions.isEmpty else { return [] }
        return await withUnsafeContinuation { continuation in
            let batch = Batch(count: questions.count, continuation)
            for (slot, question) in questions.enumerated() {
                waiting.append(
                    Query(question, for: .batch(batch, slot: slot), to: servers[0], by: self))
            }
            sendWaiting()
        }
    }

    // MARK: Sending

    /// Sends what may be sent: within the limit, and only to servers that are up.
    private func sendWaiting() {
        while inFlight < options.inFlightLimit, !waiting.isEmpty, let server = turn() {
            let query = waiting.removeFirst()
            inFlight += 1
            send(query, to: server)
        }
    }

    /// The next server in turn that is up, and may be sent a question now.
    private func turn() -> Server? {
        let now = loop.turnTime
        guard budget.allows(at: now) else {
            sendWaiting(after: budget.waitMilliseconds)
            return nil
        }
        var wait: Int?
        for _ in servers {
            let server = servers[nextServer]
            nextServer = (nextServer + 1) % servers.count
            guard server.health.state == .up else { continue }
            if server.budget.allows(at: now) { return server }
            wait = min(wait ?? .max, server.budget.waitMilliseconds)
        }
        if let wait { sendWaiting(after: wait) }
        return nil
    }

    private func sendWaiting(after milliseconds: Int) {
        guard !hasTimer else { return }
        hasTimer = true
        rateWaits += 1
        _ = loop.schedule(at: loop.now.advanced(milliseconds: milliseconds)) { [self] in
            hasTimer = false
            sendWaiting()
        }
    }

    private func send(_ query: Query, to server: Server) {
        query.server = server
        if query.tries > 0 { server.report.retries += 1 }
        query.tries += 1
        query.sentAt = loop.turnTime
        server.report.questions += 1
        server.budget.take()
        budget.take()
        query.question.withMessage(id: ids.next()) { message in
            server.channel.send(
                message, resolverAnswered, Unmanaged.passRetained(query).toOpaque())
        }
    }

    // MARK: Answers

    /// Takes what c-ares brought.
    fileprivate func answered(_ query: Query, _ lookup: Lookup) {
        let server = query.server
        server.channel.finished()
        times.add(microseconds: loop.turnTime.microseconds(since: query.sentAt))
        if case .control(let control, _) = query.purpose {
            return controlAnswered(query, control, lookup)
        }
        guard lookup.rcode != nil || lookup.status == .malformed else {
            return wentUnanswered(query, lookup)
        }
        if lookup.status.isFailure { server.report.failures += 1 }
        if server.health.heard(isFailure: lookup.status.isFailure, at: loop.turnTime) {
            askControl(server)
        }
        if query.tries < triesAllowed(lookup.status) { return retry(query) }
        complete(query, lookup)
    }

    /// Silence counts as the domain's own only where the server is known to live.
    private func wentUnanswered(_ query: Query, _ lookup: Lookup) {
        let server = query.server
        server.report.silences += 1
        query.silence = lookup.status
        let isAlive = server.health.isAlive(since: query.sentAt)
        if !isAlive, server.health.doubt() { askControl(server) }
        if lookup.status == .unreachable {
            postpone(query)
        } else if isAlive || query.tries < options.tries {
            count(query)
        } else if server.health.state == .down {
            pardon(query)
        } else {
            server.held.append(query)
        }
    }

    /// A question that could not even be sent was no try: sent again a little later, and later.
    ///
    /// It comes from a full socket buffer too, so the server may well be alive; besides, c-ares is
    /// about to close a socket that failed, and would lose what is sent on it now.
    private func postpone(_ query: Query) {
        guard query.pardons < Self.pardonsMax else { return endInSilence(query) }
        query.pardons += 1
        query.tries -= 1
        retry(query, after: min(50 << query.pardons, 2000))
    }

    /// A try that counts: the next, or the end.
    private func count(_ query: Query) {
        guard query.tries < options.tries else { return endInSilence(query) }
        retry(query)
    }

    private func endInSilence(_ query: Query) { complete(query, Lookup(status: query.silence)) }

    /// Strikes out the tries of a question that fell into an outage, and asks it anew.
    private func pardon(_ query: Query) {
        guard query.pardons < Self.pardonsMax else { return endInSilence(query) }
        query.pardons += 1
        query.tries = 0
        retry(query)
    }

    /// Sends the question again, to the next server in turn, after some milliseconds.
    private func retry(_ query: Query, after milliseconds: Int = 0) {
        guard milliseconds > 0 else { return sendAgain(query) }
        let instant = loop.now.advanced(milliseconds: milliseconds)
        _ = loop.schedule(at: instant) { [self] in sendAgain(query) }
    }

    private func sendAgain(_ query: Query) {
        if let server = turn() { return send(query, to: server) }
        inFlight -= 1
        waiting.prepend(query)
    }

    private func complete(_ query: Query, _ lookup: Lookup) {
        if case .batch(let batch, let slot) = query.purpose { batch.complete(slot, lookup) }
        inFlight -= 1
        sendWaiting()
    }

    /// A SERVFAIL is asked about once more, as it may have been a passing one; a REFUSED is worth
    /// asking another server, if there is one.
    private func triesAllowed(_ status: LookupStatus) -> Int {
        switch status {
        case .found, .nodata, .nxdomain, .aliasLoop: 1
        case .timeout, .unreachable, .malformed: options.tries
        case .servfail, .rcode: min(2, options.tries)
        case .refused: min(servers.count, options.tries)
        }
    }
}

// MARK: Control questions

extension Resolver {
    /// Asks each server the control questions; the checks come in the servers' order.
    public func check() async -> [ServerCheck] {
        var checks: [ServerCheck] = []
        for server in servers {
            checks.append(
                await withUnsafeContinuation { continuation in
                    ask(Control { continuation.resume(returning: $0) }, of: server)
                })
        }
        return checks
    }

    /// Asks every server in use control questions from time to time, as long as the loop runs.
    public func watchServers() {
        let next = loop.now.advanced(milliseconds: Self.controlMilliseconds)
        _ = loop.schedule(at: next) { [self] in
            for server in servers where server.health.state == .up { askControl(server) }
            watchServers()
        }
    }

    private func askControl(_ server: Server) {
        ask(Control { [self] in conclude($0, on: server) }, of: server)
    }

    private func ask(_ control: Control, of server: Server) {
        guard let questions = control.questions() else { return control.finish(control.check) }
        for question in questions {
            send(
                Query(question, for: .control(control, server), to: server, by: self), to: server)
        }
    }

    fileprivate func controlAnswered(_ query: Query, _ control: Control, _ lookup: Lookup) {
        guard control.answered(query.question, lookup) else { return }
        if control.isHeard { return control.finish(control.check) }
        // Not from within the callback: c-ares is about to close a socket that failed.
        let soon = loop.now.advanced(milliseconds: 20)
        _ = loop.schedule(at: soon) { [self] in ask(control, of: query.server) }
    }

    /// Believes the server, and what its silence said; or puts it aside, and its silence with it.
    private func conclude(_ check: ServerCheck, on server: Server) {
        let held = server.held
        server.held = []
        if server.isMet(by: check) {
            server.health.proved(at: loop.now)
            for query in held { count(query) }
            return sendWaiting()
        }
        putAside(server)
        for query in held { pardon(query) }
    }

    /// Sends nothing more to the server until it stands the control questions.
    private func putAside(_ server: Server) {
        if server.health.state != .down { server.report.outages += 1 }
        let pause = server.health.failedControl(at: loop.now)
        _ = loop.schedule(at: loop.now.advanced(milliseconds: pause)) { [self] in
            askControl(server)
        }
    }
}

extension LookupStatus {
    /// Whether a response tells nothing about the name.
    fileprivate var isFailure: Bool {
        switch self {
        case .servfail, .refused, .rcode, .malformed: true
        case .found, .nodata, .nxdomain, .aliasLoop, .timeout, .unreachable: false
        }
    }
}

/// Called by c-ares exactly once for each message sent, on the loop's thread; the retained query is
/// taken back here.
///
/// The bytes live only as long as the call.
private func resolverAnswered(
    _ argument: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
    _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) {
    guard let argument else { preconditionFailure("c-ares lost a query") }
    let query = Unmanaged<Query>.fromOpaque(argument).takeRetainedValue()
    query.resolver.answered(query, lookup(query.question, status, bytes, count))
}

private func lookup(
    _ question: Question, _ status: Int32, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> Lookup {
    switch status {
    case ARES_SUCCESS:
        let message = UnsafeBufferPointer(start: bytes, count: Int(count))
        return Lookup(answering: question, message: message.span)
    case ARES_ETIMEOUT: return Lookup(status: .timeout)
    case ARES_ECONNREFUSED, ARES_EDESTRUCTION, ARES_ECANCELLED:
        return Lookup(status: .unreachable)
    default: return Lookup(status: .malformed)
    }
}
