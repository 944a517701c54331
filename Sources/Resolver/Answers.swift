internal import CAres
internal import DNS
internal import EventLoop
internal import InFlight
internal import Metrics

/// Handles the answer to a question, or its absence.
extension Resolver {
    /// How often the tries of one question may be reset: a bound for servers that are up and down
    /// by turns.
    public static let resetsMax = 20
    /// How often a question is sent again over TCP because the connection was closed.
    private static let closedConnectionsMax = 5
    /// How often a question is retried because servers are overloaded.
    private static let pushbackResetsMax = 10
    /// The same where most answers are failures, and the servers may be overloaded.
    private static let burstResetsMax = 3
    /// How often a question is sent that is refused while the servers are healthy.
    private static let refusalsMax = 4
    /// For how long a health check that was passed says that a REFUSED is the domain's.
    private static let checkValidMilliseconds = 2000

    /// Takes what c-ares brought.
    fileprivate func answered(_ query: Query, _ lookup: Lookup, isTruncated: Bool) {
        let now = loop.turnTime
        let server = servers[Int(query.progress.server)]
        let isOverTCP = query.progress.connection >= 0
        if isOverTCP {
            giveBackConnection(of: query, at: server, wasAnswered: lookup.rcode != nil)
        }
        if isTruncated, !isOverTCP {
            if sendOverTCP(query, to: server) { return }
            return failedOverTCP(query, Lookup(status: .timeout), at: server)
        }
        let waited = now.microseconds(since: query.progress.sentAt)
        times.add(microseconds: waited)
        guard !query.batch.isHealthCheck else {
            query.batch.complete(query.slot, lookup)
            return
        }
        guard lookup.rcode != nil || lookup.status == .malformed else {
            if isOverTCP { return failedOverTCP(query, lookup, at: server) }
            return wentUnanswered(query, lookup, by: server)
        }
        window.answered(after: waited, isWanted: areWaiting, at: now)
        let isFailure = lookup.status.isFailure
        server.outcomes.add(isFailure: isFailure)
        if server.health.heard(isFailure: isFailure, at: now) { askHealthCheck(server) }
        if isFailure { return failed(query, lookup, by: server, at: now) }
        if server.health.state == .down, server.health.fault?.isLie == true {
            return reset(query)
        }
        note(lookup, to: query, by: server, at: now)
        complete(query, lookup, at: now)
    }

    /// Counts an answer, from time to time has it followed by a health check, and keeps some.
    private func note(_ lookup: Lookup, to query: Query, by server: Server, at now: Instant) {
        if query.progress.hasFailed { recovered(query, by: server, at: now) }
        server.answersSinceCheck += 1
        if server.answersSinceCheck >= Self.answersPerCheck { checkByCount(server, at: now) }
        if lookup.status == .found, server.references.wants(query.question.type) {
            server.references.learn(query.question)
        }
    }

    // MARK: Failures

    /// A response that says nothing about the name: of the server's making, or of the domain's.
    private func failed(_ query: Query, _ lookup: Lookup, by server: Server, at now: Instant) {
        server.report.failures += 1
        if query.progress.usesEDNS, lookup.deniesEDNS {
            // Whether the server takes none at all is for the health check to say.
            if !server.isBeingChecked { askHealthCheck(server) }
            return sendWithoutEDNS(query, to: server)
        }
        guard lookup.status == .refused || lookup.status == .servfail else {
            return tryAgain(query, lookup, triesMax: 2)
        }
        query.progress.hasFailed = true
        query.batch.lookups[query.slot] = lookup
        if lookup.status == .refused { query.progress.wasRefused = true }
        let isFull = now.milliseconds(since: window.pushedBackAt) < 1000
        let resetsMax =
            isFull
            ? Self.pushbackResetsMax
            : server.outcomes.areMostlyFailures ? Self.burstResetsMax : 0
        if query.progress.resets < resetsMax { return sendLater(query) }
        if lookup.status == .refused {
            refused(query, lookup, by: server, at: now)
        } else {
            // After a SERVFAIL the question is retried once, as it may be transient.
            tryAgain(query, lookup, triesMax: 2)
        }
    }

    private func tryAgain(_ query: Query, _ lookup: Lookup, triesMax: Int) {
        let triesMax = min(lookup.status == .malformed ? options.tries : triesMax, options.tries)
        if query.progress.tries < triesMax { return sendAgain(query) }
        complete(query, lookup, at: loop.turnTime)
    }

    /// A question that was refused and is answered a little later shows that the server was
    /// overloaded.
    ///
    /// It is sent fewer questions at once. A SERVFAIL can end for other reasons too, but not many
    /// at once.
    private func recovered(_ query: Query, by server: Server, at now: Instant) {
        guard query.progress.wasRefused || server.outcomes.areMostlyFailures,
            window.pushBack(at: now)
        else { return }
        server.report.pushbacks += 1
    }

    /// Retries a question for which a server may be overloaded, without counting the try.
    private func sendLater(_ query: Query) {
        query.progress.resets += 1
        query.progress.tries -= 1
        sendAgain(query, afterMilliseconds: min(25 << Int(query.progress.resets), 1000))
    }

    /// A REFUSED is the domain's only where it is steady, and the server answers others.
    private func refused(_ query: Query, _ lookup: Lookup, by server: Server, at now: Instant) {
        query.progress.refusals += 1
        let isKnownHealthy =
            now.milliseconds(since: server.passedCheckAt) < Self.checkValidMilliseconds
        if !isKnownHealthy, !server.isBeingChecked { askHealthCheck(server) }
        if query.progress.refusals < Self.refusalsMax {
            let pause = 25 << Int(query.progress.refusals)
            return sendAgain(query, afterMilliseconds: pause)
        }
        if isKnownHealthy { return complete(query, lookup, at: now) }
        hold(query, by: server)
    }

    /// Keeps a question until the health check that is out has ended.
    private func hold(_ query: Query, by server: Server) {
        if server.health.state == .down { return reset(query) }
        server.held.append(query)
    }

    // MARK: TCP

    /// The channel that a question was sent over.
    fileprivate func channel(of query: Query) -> Channel {
        let server = servers[Int(query.progress.server)]
        let connection = Int(query.progress.connection)
        return connection < 0 ? server.channel : server.connections.channel(connection)
    }

    private func giveBackConnection(of query: Query, at server: Server, wasAnswered: Bool) {
        let number = Int(query.progress.connection)
        query.progress.connection = -1
        for next in server.connections.giveBack(number, wasAnswered: wasAnswered) {
            sendOverTCPSoon(next, to: server)
        }
    }

    /// Not from within the callback: c-ares may be about to close the connection.
    private func sendOverTCPSoon(_ query: Query, to server: Server) {
        let soon = loop.now.advanced(milliseconds: 1)
        _ = loop.schedule(at: soon) { [self] in
            if !sendOverTCP(query, to: server) {
                failedOverTCP(query, Lookup(status: .timeout), at: server)
            }
        }
    }

    /// A failure over TCP, for an answer that is too large for UDP, concerns this question alone.
    private func failedOverTCP(_ query: Query, _ silence: Lookup, at server: Server) {
        if silence.status == .unreachable, query.progress.resets < Self.closedConnectionsMax {
            // The server may have closed the connection after the answer before.
            query.progress.resets += 1
            return sendOverTCPSoon(query, to: server)
        }
        guard !query.batch.isHealthCheck else {
            query.batch.complete(query.slot, silence)
            return
        }
        server.report.timeouts += 1
        note(silence, of: query)
        guard query.progress.tries < options.tries else { return endInSilence(query) }
        sendAgain(query, afterMilliseconds: 50)
    }

    // MARK: Timeouts

    /// A timeout counts as the domain's own only where the server is known to answer.
    private func wentUnanswered(_ query: Query, _ silence: Lookup, by server: Server) {
        server.report.timeouts += 1
        note(silence, of: query)
        let isAlive = server.health.isAlive(since: query.progress.sentAt)
        if !isAlive, server.health.suspect() { askHealthCheck(server) }
        if silence.status == .unreachable { return postpone(query) }
        window.lost(sentAt: query.progress.sentAt, at: loop.turnTime)
        if isAlive || query.progress.tries < options.tries {
            count(query)
        } else {
            hold(query, by: server)
        }
    }

    /// A question that could not be sent was no try: it is sent again after a short delay, which
    /// grows.
    ///
    /// A full socket buffer can cause it too, so the server may be working. Besides, c-ares is
    /// about to close a socket that failed, and would lose what is sent on it now.
    private func postpone(_ query: Query) {
        guard query.progress.resets < Self.resetsMax else { return endInSilence(query) }
        query.progress.resets += 1
        query.progress.tries -= 1
        sendAgain(query, afterMilliseconds: min(50 << Int(query.progress.resets), 2000))
    }

    /// A try that counts: the next, or the end.
    func count(_ query: Query) {
        guard query.progress.tries < options.tries else { return endInSilence(query) }
        sendAgain(query)
    }

    /// Retries a question whose tries fell into an outage, without counting those.
    func reset(_ query: Query) {
        guard query.progress.resets < Self.resetsMax else { return endInSilence(query) }
        query.progress.resets += 1
        query.progress.tries = 0
        sendAgain(query)
    }

    /// Keeps how a try ended without an answer.
    ///
    /// A SERVFAIL or REFUSED before it says more, and stays.
    private func note(_ silence: Lookup, of query: Query) {
        if !query.progress.hasFailed { query.batch.lookups[query.slot] = silence }
    }

    private func endInSilence(_ query: Query) {
        complete(query, query.batch.lookups[query.slot], at: loop.turnTime)
    }
}

extension LookupStatus {
    /// Whether a response says nothing about the name.
    fileprivate var isFailure: Bool {
        switch self {
        case .servfail, .refused, .rcode, .malformed: true
        case .found, .nodata, .nxdomain, .aliasLoop, .timeout, .unreachable: false
        }
    }
}

extension Lookup {
    /// Whether it is how servers answer that do not know EDNS (RFC 6891 §7), or another version.
    var deniesEDNS: Bool {
        switch rcode {
        case 1, 4, 16: true  // FORMERR, NOTIMP, BADVERS
        default: false
        }
    }
}

/// Called by c-ares exactly once for each question, on the loop's thread.
///
/// The bytes are those that c-ares was given to end the question by; the answer is elsewhere.
func resolverAnswered(
    _ argument: UnsafeMutableRawPointer?, _ status: Int32, _: Int32,
    _: UnsafeMutablePointer<UInt8>?, _: Int32
) {
    guard let argument = unsafe argument else { preconditionFailure("c-ares lost a query") }
    unsafe Query.takingBack(argument) { query in
        let resolver = query.batch.resolver
        let ending = resolver.channel(of: query).ended(query.progress.id)
        guard case .answer(let message, let questionEnd) = ending else {
            let lookup = Lookup(status: silence(ending, status))
            return resolver.answered(query, lookup, isTruncated: false)
        }
        unsafe resolver.answered(
            query,
            Lookup(
                answering: query.question, message: message.span, questionEnd: questionEnd),
            isTruncated: isTruncated(message))
    }
}

/// Whether the message has the TC bit (RFC 1035 §4.1.1).
private func isTruncated(_ message: UnsafeBufferPointer<UInt8>) -> Bool {
    unsafe message.count > 2 && message[2] & 0x02 != 0
}

/// How a question ends that was not answered.
private func silence(_ ending: OpenQuestions.Ending?, _ status: Int32) -> LookupStatus {
    switch ending {
    case .timedOut: .timeout
    case .unsent: .unreachable
    case .answer, nil:
        if cares_is_timeout(status) {
            .timeout
        } else {
            cares_is_unreachable(status) ? .unreachable : .malformed
        }
    }
}
