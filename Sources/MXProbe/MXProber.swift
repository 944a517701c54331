public import ConnectionLimits
public import DNS
public import EventLoop
internal import Metrics
public import Observations
public import TLS

/// Probes MX hosts by SMTP and STARTTLS, from the tasks of one loop.
public final class MXProber {
    private let options: ProbeOptions
    private lazy var context = TLSContext()
    private let verifier: ChainVerifier
    private let sources: SourceAddresses
    private let limits: LimiterHandle
    private let loop: EventLoop
    /// How long sessions took so far.
    public private(set) var times = ProbeTimes()
    /// How many sessions are in progress, without those whose peer is slow.
    public private(set) var inFlight = 0
    /// How many sessions wait for their peer for long.
    public private(set) var slow = 0
    /// How many sessions have ended and wait for the answer to QUIT.
    private var quitting = 0

    /// A prober whose chains may end in `trust`, and whose connections come from `sources` and
    /// begin within `limits`.
    public init(
        _ options: ProbeOptions, trust: TrustStore, from sources: SourceAddresses,
        limits: LimiterHandle, loop: EventLoop
    ) {
        self.options = options
        verifier = ChainVerifier(.mxHost, trust: trust)
        self.sources = sources
        self.limits = limits
        self.loop = loop
    }

    /// Probes a host at the addresses of each family, one after the other, until one is good, or at
    /// all of them.
    ///
    /// Senders try each address (RFC 5321 §5.1), and one that is good is enough for them; of those
    /// that are not, no more than `addressesPerFamily` are tried.
    ///
    /// - Parameters:
    ///   - target: the host, and what its TLS is verified by.
    ///   - refusal: why an address is not contacted; nil where it may be.
    /// - Returns: one session for each address, and for each name that is asked for where TLS was
    ///   begun, those not needed as not probed.
    public func observe(
        _ target: ProbeTarget, refusal: (IPAddress) -> ProbeStatus?
    ) async -> [SessionObservation] {
        var sessions: [SessionObservation] = []
        for isV4 in [true, false] {
            let addresses = target.addresses.prefix(options.addressLimit)
            sessions += await observe(target, at: addresses.filter { $0.isV4 == isV4 }, refusal)
        }
        return sessions
    }

    private func observe(
        _ target: ProbeTarget, at addresses: [IPAddress], _ refusal: (IPAddress) -> ProbeStatus?
    ) async -> [SessionObservation] {
        var sessions: [SessionObservation] = []
        var open = target.questions
        var tried = 0
        for address in addresses {
            if let status = refusal(address) {
                sessions.append(SessionObservation(address: address, status: status))
                continue
            }
            let isWanted = !open.isEmpty && tried < options.addressesPerFamily
            guard isWanted || options.probesAllAddresses else {
                sessions.append(SessionObservation(address: address))
                continue
            }
            tried += 1
            let questions = options.probesAllAddresses ? target.questions : open
            let seen = await probe(target, at: address, questions, refusal)
            sessions += seen
            open.removeAll { seen.contains(where: $0.isAnswered(by:)) }
        }
        return sessions
    }

    /// One session for each question, or one for all where no name was sent.
    private func probe(
        _ target: ProbeTarget, at address: IPAddress, _ questions: [TLSQuestion],
        _ refusal: (IPAddress) -> ProbeStatus?
    ) async -> [SessionObservation] {
        var sessions: [SessionObservation] = []
        for question in questions {
            let session = await probe(target, question, at: address, refusal)
            sessions.append(session)
            guard session.serverName != nil else { break }
        }
        return sessions
    }

    private func probe(
        _ target: ProbeTarget, _ question: TLSQuestion, at address: IPAddress,
        _ refusal: (IPAddress) -> ProbeStatus?
    ) async -> SessionObservation {
        let destination = target.destination(at: address, loop: limits.loop)
        var session = SessionObservation(address: address)
        for tries in 1...LocalShortage.triesMax {
            switch await limits.limiter.acquire(destination) {
            case .known(let failure): return .known(failure, at: address)
            case .overdue: return .overdue(at: address)
            case .admitted: break
            }
            // The blocklist may have been read again while this waited.
            if let status = refusal(address) {
                await limits.limiter.release(destination, .untried)
                session.status = status
                return session
            }
            switch await run(target, question, destination, at: address) {
            case .success(let seen): return seen
            case .failure(let shortage): session.error = shortage.text
            }
            let pause = LocalShortage.pauseMilliseconds(after: tries)
            await loop.sleep(until: loop.now.advanced(milliseconds: pause))
        }
        return session
    }

    /// The session; a failure where this machine had no room for a connection, which is no fact
    /// about the peer.
    private func run(
        _ target: ProbeTarget, _ question: TLSQuestion, _ destination: Destination,
        at address: IPAddress
    ) async -> Result<SessionObservation, LocalShortage> {
        inFlight += 1
        let limiter = limits.limiter
        let session = ProbeSession(
            with: target.host, question, at: address, options, context, verifier,
            from: sources, loop,
            onSlow: {
                guard await limiter.park(destination) else { return false }
                self.inFlight -= 1
                self.slow += 1
                return true
            },
            onAnswer: {
                await limiter.unpark(destination)
                self.inFlight += 1
                self.slow -= 1
            })
        let seen = await session.run()
        if session.isParked { slow -= 1 } else { inFlight -= 1 }
        if let shortage = session.shortage {
            await limiter.releaseUnmade(
                destination, holding: session.isParked ? .slowSlot : .slot)
            return .failure(shortage)
        }
        times.connect.add(microseconds: session.connectMicroseconds)
        if let time = session.dialogueMicroseconds { times.session.add(microseconds: time) }
        await end(session, destination, seen.status.connectionEnd)
        return .success(seen)
    }

    /// Ends a session whose result is known: what waits for the answer to QUIT holds no slot of the
    /// loop, but counts at its address until it is closed.
    private func end(
        _ session: ProbeSession, _ destination: Destination, _ end: ConnectionEnd
    ) async {
        let holding: ConnectionLimiter.Holding = session.isParked ? .slowSlot : .slot
        guard session.awaitsQuitReply, quitting < options.inFlightLimit else {
            session.close()
            return await limits.limiter.release(destination, end, holding: holding)
        }
        quitting += 1
        await limits.limiter.releaseSlot(destination, holding)
        // The task runs on the loop that both live on.
        nonisolated(unsafe) let (prober, ended) = (self, session)
        Task(executorPreference: loop) { await unsafe prober.close(ended, destination, end) }
    }

    private func close(
        _ session: ProbeSession, _ destination: Destination, _ end: ConnectionEnd
    ) async {
        await session.awaitQuitReply()
        session.close()
        quitting -= 1
        await limits.limiter.release(destination, end, holding: .nothing)
    }
}

extension SessionObservation {
    /// What others have found at the address just now.
    fileprivate static func known(
        _ failure: SharedFailure, at address: IPAddress
    ) -> SessionObservation {
        var session = SessionObservation(
            address: address, status: ProbeStatus(rawValue: failure.status) ?? .notProbed)
        session.observed = .shared
        session.error = failure.text
        return session
    }

    /// An address that was not tried, since the wait to begin was too long.
    public static func overdue(at address: IPAddress) -> SessionObservation {
        var session = SessionObservation(address: address)
        session.error = "its turn at the address did not come in time"
        return session
    }
}

extension ProbeStatus {
    /// What the end of the session says of the destination.
    fileprivate var connectionEnd: ConnectionEnd {
        switch self {
        case .tcpTimeout, .tcpUnreachable: .failed(ConnectionFailure(rawValue, .connect))
        case .greetingTimeout, .ehloTimeout, .starttlsTimeout:
            .failed(ConnectionFailure(rawValue, .beforeName))
        case .tlsTimeout, .tlsEHLOTimeout: .failed(ConnectionFailure(rawValue, .afterName))
        case .tcpRefused: .pushedBack(ConnectionFailure(rawValue, .connect))
        case .tcpReset, .greetingClosed, .greeting4xx, .ehlo4xx, .starttls4xx, .ehloClosed:
            .pushedBack(ConnectionFailure(rawValue, .pushback))
        default: .good
        }
    }
}
