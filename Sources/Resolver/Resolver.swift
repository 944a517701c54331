internal import CAres
public import DNS
internal import DequeModule
public import EventLoop

/// How questions are asked.
public struct ResolverOptions: Sendable {
    /// How long one try waits, in milliseconds.
    public var timeoutMilliseconds = 4000
    /// How many times a question is sent before it counts as unanswered.
    public var tries = 3
    /// How many questions may be out at once; the rest wait in order.
    public var inFlightLimit = 1000

    /// The defaults.
    public init() {}
}

/// Asks recursive resolvers over c-ares, from the tasks of one loop.
///
/// A question goes to the name servers in turn; one that gets no usable answer is sent to the next.
/// Several questions are asked at once by one call, which suspends its task once: cheaper than a
/// task for each.
public final class Resolver {
    private let loop: EventLoop
    private let options: ResolverOptions
    private let channels: [Channel]
    private var ids = QueryIDs()
    private var waiting = Deque<Query>()
    private var inFlight = 0
    private var nextServer = 0
    /// How many responses came so far.
    public private(set) var responses = 0

    /// A resolver over `servers`, which must not be empty.
    public init(
        servers: [NameServer], options: ResolverOptions, loop: EventLoop
    ) throws(ResolverError) {
        precondition(!servers.isEmpty, "a resolver needs a name server")
        self.loop = loop
        self.options = options
        var channels: [Channel] = []
        for server in servers {
            channels.append(
                try Channel(
                    server: server, timeoutMilliseconds: options.timeoutMilliseconds, loop: loop))
        }
        self.channels = channels
    }

    /// How many questions are out, or wait to be sent.
    public var load: Int { inFlight + waiting.count }

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
                ask(Query(question, slot: slot, of: batch, by: self))
            }
        }
    }

    private func ask(_ query: Query) {
        if inFlight < options.inFlightLimit {
            inFlight += 1
            send(query)
        } else {
            waiting.append(query)
        }
    }

    private func send(_ query: Query) {
        if query.tries == 0 {
            query.server = nextServer
            nextServer = (nextServer + 1) % channels.count
        } else {
            query.server = (query.server + 1) % channels.count
        }
        query.tries += 1
        let message = query.question.message(id: ids.next())
        channels[query.server].send(
            message, resolverAnswered, Unmanaged.passRetained(query).toOpaque())
    }

    /// Takes what c-ares brought: retries, or completes the question.
    fileprivate func answered(_ query: Query, _ lookup: Lookup) {
        channels[query.server].finished()
        if lookup.rcode != nil { responses += 1 }
        if query.tries < triesAllowed(lookup.status) { return retry(query, after: lookup.status) }
        query.batch.complete(query.slot, lookup)
        if let next = waiting.popFirst() {
            send(next)
        } else {
            inFlight -= 1
        }
    }

    /// After a socket error c-ares is about to close the socket, and would lose what is sent on it
    /// now; besides, a server that is down for a moment deserves one.
    private func retry(_ query: Query, after status: LookupStatus) {
        guard status == .unreachable else { return send(query) }
        let instant = loop.now.advanced(milliseconds: 100 * query.tries)
        _ = loop.schedule(at: instant) { [self] in send(query) }
    }

    /// A SERVFAIL is asked about once more, as it may have been a passing one; a REFUSED is worth
    /// asking another server, if there is one.
    private func triesAllowed(_ status: LookupStatus) -> Int {
        switch status {
        case .found, .nodata, .nxdomain, .aliasLoop: 1
        case .timeout, .unreachable, .malformed: options.tries
        case .servfail, .rcode: min(2, options.tries)
        case .refused: min(channels.count, options.tries)
        }
    }
}

/// One question on its way.
private final class Query {
    let question: Question
    let slot: Int
    let batch: Batch
    let resolver: Resolver
    var tries = 0
    var server = 0

    init(_ question: Question, slot: Int, of batch: Batch, by resolver: Resolver) {
        self.question = question
        self.slot = slot
        self.batch = batch
        self.resolver = resolver
    }
}

/// Questions asked together: the task resumes with the last answer.
private final class Batch {
    private var lookups: [Lookup]
    private var remaining: Int
    private let continuation: UnsafeContinuation<[Lookup], Never>

    init(count: Int, _ continuation: UnsafeContinuation<[Lookup], Never>) {
        lookups = Array(repeating: Lookup(status: .timeout), count: count)
        remaining = count
        self.continuation = continuation
    }

    func complete(_ slot: Int, _ lookup: Lookup) {
        lookups[slot] = lookup
        remaining -= 1
        if remaining == 0 { continuation.resume(returning: lookups) }
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
        let message = Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
        return Lookup(answering: question, message: message)
    case ARES_ETIMEOUT: return Lookup(status: .timeout)
    case ARES_ECONNREFUSED, ARES_EDESTRUCTION, ARES_ECANCELLED:
        return Lookup(status: .unreachable)
    default: return Lookup(status: .malformed)
    }
}
