internal import CAres
internal import DNS
internal import EventLoop
internal import Metrics

/// What becomes of a question when its answer comes, or none does.
extension Resolver {
    /// How often the tries of one question may be struck out: a bound for servers that come and go.
    public static let pardonsMax = 20

    /// Takes what c-ares brought.
    fileprivate func answered(_ query: Query, _ lookup: Lookup) {
        let now = loop.turnTime
        let server = servers[query.progress.server]
        server.channel.finished()
        times.add(microseconds: now.microseconds(since: query.progress.sentAt))
        if query.batch.isControl { return query.batch.complete(query.slot, lookup) }
        guard lookup.rcode != nil || lookup.status == .malformed else {
            return wentUnanswered(query, lookup, by: server)
        }
        if lookup.status.isFailure { server.report.failures += 1 }
        if server.health.heard(isFailure: lookup.status.isFailure, at: now) { askControl(server) }
        if query.progress.tries < triesAllowed(lookup.status) { return sendAgain(query) }
        complete(query, lookup, at: now)
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

    // MARK: Silence

    /// Silence counts as the domain's own only where the server is known to live.
    private func wentUnanswered(_ query: Query, _ silence: Lookup, by server: Server) {
        server.report.silences += 1
        query.batch.lookups[query.slot] = silence
        let isAlive = server.health.isAlive(since: query.progress.sentAt)
        if !isAlive, server.health.doubt() { askControl(server) }
        if silence.status == .unreachable { return postpone(query) }
        noteLoss(at: loop.turnTime)
        if isAlive || query.progress.tries < options.tries {
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
        guard query.progress.pardons < Self.pardonsMax else { return endInSilence(query) }
        query.progress.pardons += 1
        query.progress.tries -= 1
        let pause = min(50 << query.progress.pardons, 2000)
        _ = loop.schedule(at: loop.now.advanced(milliseconds: pause)) { [self] in
            sendAgain(query)
        }
    }

    /// A try that counts: the next, or the end.
    func count(_ query: Query) {
        guard query.progress.tries < options.tries else { return endInSilence(query) }
        sendAgain(query)
    }

    /// Strikes out the tries of a question that fell into an outage, and asks it anew.
    func pardon(_ query: Query) {
        guard query.progress.pardons < Self.pardonsMax else { return endInSilence(query) }
        query.progress.pardons += 1
        query.progress.tries = 0
        sendAgain(query)
    }

    private func endInSilence(_ query: Query) {
        complete(query, query.batch.lookups[query.slot], at: loop.turnTime)
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

/// Called by c-ares exactly once for each message sent, on the loop's thread.
///
/// The bytes live only as long as the call.
func resolverAnswered(
    _ argument: UnsafeMutableRawPointer?, _ status: Int32, _ timeouts: Int32,
    _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) {
    guard let argument else { preconditionFailure("c-ares lost a query") }
    Query.takingBack(argument) { query in
        query.batch.resolver.answered(query, lookup(query, status, bytes, count))
    }
}

private func lookup(
    _ query: Query, _ status: Int32, _ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32
) -> Lookup {
    switch status {
    case ARES_SUCCESS:
        let message = UnsafeBufferPointer(start: bytes, count: Int(count))
        return Lookup(answering: query.question, message: message.span)
    case ARES_ETIMEOUT: return Lookup(status: .timeout)
    case ARES_ECONNREFUSED, ARES_EDESTRUCTION, ARES_ECANCELLED:
        return Lookup(status: .unreachable)
    default: return Lookup(status: .malformed)
    }
}
