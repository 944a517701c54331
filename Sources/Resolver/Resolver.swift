public import DNS
internal import DequeModule
public import EventLoop
internal import InFlight
public import Metrics

/// Asks recursive resolvers over c-ares, for what lives on one loop.
///
/// # The whole story
///
/// **Who owns what.** A `Resolver` owns one `Server` for each name server of the scan, and each
/// server owns its c-ares channels: one over UDP, and up to `connectionsMax` over TCP. A channel
/// talks to one server and makes one try. c-ares has the sockets opened, watched and closed, writes
/// the questions and ends each exactly once; everything else is decided here: which server is
/// asked, how many questions are out, what answers one and when its time is up, when it is sent
/// again and over what, and what an answer means. So all versions of c-ares measure alike: see
/// `ChannelSockets` for what they get to see, and `ResolverLibrary` for those that are refused. The
/// bytes of an answer are parsed by the pure target `DNS`.
///
/// **The way of a question.** Up to three questions about one domain are a `Batch`, one object from
/// the first try to the last answer. Each question is a `Query` that waits in `waiting` until the
/// rate (`QueryBudget`), the number of questions in flight (`InFlightWindow`) and a server that is
/// up allow it. It goes to the servers in turn. Datagrams are collected during a turn of the loop
/// and sent by one system call at its end; while many questions are out, answers are read at
/// intervals of some milliseconds (`Channel`). A usable answer ends the query, and the last one of
/// a batch calls its receiver. SERVFAIL, REFUSED, a malformed answer or silence send it to the next
/// server, until `options.tries` are used up; a truncated answer sends it over TCP. What is left
/// then is a fact about the domain: the last status, with its reason.
///
/// **Health.** A failure says nothing about a domain while the server may be at fault. So each
/// server is sent health checks: at the start, every minute, every thousand answers, and when it is
/// silent or fails repeatedly. One that does not pass is marked down until it does, and its
/// questions go to the others. A server that has answered falsely is reported by `onLie` with the
/// time since its last good check, and the scan sets the records of that time apart.
///
/// **What happens on failure.** While all servers are down questions wait without a limit of their
/// own: an outage is no fact about a domain. The scan limits it (`--outage`). The window shrinks
/// where questions are lost and grows with each answer; it starts small, since what a server has no
/// room for is lost.
public final class Resolver {
    /// How many TCP connections there can be to each server.
    public static let connectionsMax = Connections.limit

    let loop: EventLoop
    let options: ResolverOptions
    let servers: [Server]
    private var budget: QueryBudget
    /// The index of the server that is next.
    private var next = 0
    private var waiting = Deque<Query>()
    var window: InFlightWindow
    /// The questions that are out, those about servers apart.
    private var inFlight = 0
    /// The questions that are out, or wait to be sent.
    private var asked = 0
    private var hasTimer = false
    /// How many questions have ended, those about servers apart.
    public private(set) var ended = 0
    /// How often questions waited for the rate of a server or of all.
    public private(set) var rateWaits = 0
    /// How long each try took, from sending to its answer or timeout, in the loop's cached time.
    public internal(set) var times = Histogram()
    /// Called where a server's answers proved false, with its index, what is wrong with it, and
    /// from when and until when that may have been so.
    public var onLie: ((Int, HealthFault, (since: Instant, until: Instant)) -> Void)?

    /// A resolver over `servers`, which must not be empty.
    ///
    /// `checks` says how each did in the health check at the start; it is empty where that is not
    /// known yet. Where one is healthy the others are down until they are.
    public init(
        servers: [NameServer], checks: [ServerCheck] = [], options: ResolverOptions,
        loop: EventLoop
    ) throws(ResolverError) {
        precondition(!servers.isEmpty, "a resolver needs a name server")
        self.loop = loop
        self.options = options
        budget = QueryBudget(perSecond: options.perSecondInAll)
        window = InFlightWindow(
            .questions(limit: options.inFlightLimit, loops: options.loops))
        let ids = QueryIDs()
        let hasHealthy = checks.contains { $0.fault == nil }
        var made: [Server] = []
        for (place, address) in servers.enumerated() {
            let check = place < checks.count ? checks[place] : nil
            made.append(
                try Self.server(
                    address, at: place, check, tolerates: hasHealthy ? nil : check?.fault, options,
                    ids, loop))
        }
        self.servers = made
        for (server, check) in zip(made, checks) {
            guard let fault = check.fault,
                !server.bears(fault, trustsAnswers: options.trustsAnswers)
            else { continue }
            markDown(server, fault)
        }
    }

    private static func server(
        _ address: NameServer, at place: Int, _ check: ServerCheck?,
        tolerates tolerated: HealthFault?, _ options: ResolverOptions, _ ids: QueryIDs,
        _ loop: EventLoop
    ) throws(ResolverError) -> Server {
        func channel(over transport: Channel.Transport) throws(ResolverError) -> Channel {
            try Channel(
                server: address, over: transport, from: options.sources,
                timeoutMilliseconds: options.timeoutMilliseconds, ids: ids, loop: loop)
        }
        // A resolver on this machine is no server of others.
        let isLimited = !address.isLoopback || options.limitsLoopback
        return Server(
            try channel(over: .udp), Connections { try? channel(over: .tcp) }, at: place,
            check: check, tolerates: tolerated, perSecond: isLimited ? options.perSecond : nil,
            now: loop.now)
    }

    /// How many questions are out, or wait to be sent.
    public var load: Int { asked }
    /// How many questions are out.
    public var out: Int { inFlight }
    /// How many questions may be out.
    public var outMax: Int { window.size }
    /// Whether the loop was late when that was measured last.
    public var isLate: Bool { window.isHeld }

    /// What each name server has done so far, in their order.
    public var reports: [ServerReport] {
        servers.map { server in
            var report = server.report
            report.state = server.health.state
            report.fault = server.health.fault
            report.downMilliseconds = server.health.downMilliseconds(at: loop.now) ?? 0
            report.usesEDNS = server.usesEDNS
            return report
        }
    }

    // MARK: Asking

    /// Asks one question.
    public func lookup(_ question: Question) async -> Lookup {
        await lookups([question])[0]
    }

    /// Asks `questions`, three at most; the lookups come in their order.
    public func lookups(
        _ questions: [Question], in order: QuestionOrder = .together
    ) async -> Lookups {
        guard !questions.isEmpty else { return Lookups(count: 0) }
        return await unsafe withUnsafeContinuation {
            unsafe ask(questions, in: order, for: WaitingTask($0))
        }
    }

    /// Asks `questions`, at least one and three at most, without a task that waits.
    public func ask(
        _ questions: [Question], in order: QuestionOrder = .together,
        for asker: any LookupReceiver
    ) {
        let batch = Batch(questions, for: asker, by: self, isHealthCheck: false, order: order)
        begin(batch.begun, of: batch, at: loop.turnTime)
    }

    private func begin(_ slots: Range<Int>, of batch: Batch, at now: Instant) {
        for slot in slots {
            let query = Query(batch: batch, slot: slot)
            let mustWait = areWaiting
            asked += 1
            if !mustWait, window.allows(inFlight + 1), let server = turn(at: now) {
                inFlight += 1
                send(query, to: server, at: now)
            } else {
                waiting.append(query)
            }
        }
    }

    // MARK: Sending

    var areWaiting: Bool { inFlight < asked }

    /// Whether fewer questions wait than may be out, with those that are about to be asked; what
    /// would ask more had better wait elsewhere.
    public func keepsUp(with others: Int) -> Bool { asked - inFlight + others < window.size }

    /// Notes how late the loop is, a few times a second.
    public func noteLag(milliseconds: Int) { window.noteLag(milliseconds: milliseconds) }

    /// Sends what may be sent: within the limit, and only to servers that are up.
    func sendWaiting(at now: Instant) {
        while areWaiting, window.allows(inFlight + 1), let server = turn(at: now) {
            guard let query = waiting.popFirst() else { return }
            inFlight += 1
            send(query, to: server, at: now)
        }
    }

    /// The next server, round-robin, that is up, and may be sent a question now.
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

    /// How many milliseconds the rate limits block a server; nil for none.
    func waitForBudget(of server: Server, at now: Instant) -> Int? {
        guard budget.allows(at: now) else { return budget.waitMilliseconds }
        return server.budget.allows(at: now) ? nil : server.budget.waitMilliseconds
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

    func send(_ query: Query, to server: Server, usesEDNS: Bool, at now: Instant) {
        query.progress.tries += 1
        query.progress.server = Int16(server.place)
        query.progress.sentAt = now
        query.progress.usesEDNS = usesEDNS
        transmit(query, to: server, over: server.channel)
    }

    func send(_ query: Query, to server: Server, at now: Instant) {
        if query.progress.tries > 0 { server.report.retries += 1 }
        send(query, to: server, usesEDNS: server.usesEDNS, at: now)
    }

    private func transmit(_ query: Query, to server: Server, over channel: Channel) {
        server.report.questions += 1
        server.budget.take()
        budget.take()
        channel.send(query)
    }

    /// Sends a question again to the server that it is at, without an OPT record.
    func sendWithoutEDNS(_ query: Query, to server: Server) {
        query.progress.usesEDNS = false
        transmit(query, to: server, over: server.channel)
    }

    /// Sends a question again, over TCP, to the server that it is at; false where that cannot help.
    func sendOverTCP(_ query: Query, to server: Server) -> Bool {
        switch server.connections.take(for: query) {
        case .none: return false
        case .waits: return true
        case .connection(let number):
            query.progress.connection = Int16(number)
            query.progress.sentAt = loop.turnTime
            transmit(query, to: server, over: server.connections.channel(number))
            return true
        }
    }

    /// Sends a question again a little later, to the next server, round-robin.
    func sendAgain(_ query: Query, afterMilliseconds pause: Int) {
        _ = loop.schedule(at: loop.now.advanced(milliseconds: pause)) { [self] in
            sendAgain(query)
        }
    }

    /// Sends a question again, to the next server, round-robin.
    func sendAgain(_ query: Query) {
        let now = loop.turnTime
        if window.allows(inFlight), let server = turn(at: now) {
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
        let next = query.batch.complete(query.slot, lookup)
        if !next.isEmpty { begin(next, of: query.batch, at: now) }
        if areWaiting { sendWaiting(at: now) }
    }
}

/// A task that waits for lookups.
@safe private final class WaitingTask: LookupReceiver {
    private let continuation: UnsafeContinuation<Lookups, Never>

    init(_ continuation: UnsafeContinuation<Lookups, Never>) {
        unsafe self.continuation = unsafe continuation
    }

    func take(_ lookups: Lookups) { unsafe continuation.resume(returning: lookups) }
}
