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

    /// Probes a host at the first address of each family that answers, or at all of them.
    ///
    /// - Parameters:
    ///   - target: the host, and what its TLS is verified by.
    ///   - refusal: why an address is not contacted; nil where it may be.
    /// - Returns: one session for each address, IPv4 first, those not needed as not probed.
    public func observe(
        _ target: ProbeTarget, refusal: (IPAddress) -> ProbeStatus?
    ) async -> [SessionObservation] {
        var sessions: [SessionObservation] = []
        for isV4 in [true, false] {
            var tried = 0
            var hasAnswer = false
            for address in target.addresses.prefix(options.addressLimit)
            where address.isV4 == isV4 {
                if let status = refusal(address) {
                    sessions.append(SessionObservation(address: address, status: status))
                } else if isWanted(hasAnswer, tried) {
                    tried += 1
                    let session = await probe(target, at: address, refusal)
                    hasAnswer = hasAnswer || session.status.isAnswer
                    sessions.append(session)
                } else {
                    sessions.append(SessionObservation(address: address))
                }
            }
        }
        return sessions
    }

    private func isWanted(_ hasAnswer: Bool, _ tried: Int) -> Bool {
        options.probesAllAddresses || !hasAnswer && tried < options.addressesPerFamily
    }

    private func probe(
        _ target: ProbeTarget, at address: IPAddress, _ refusal: (IPAddress) -> ProbeStatus?
    ) async -> SessionObservation {
        let destination = target.destination(at: address, loop: limits.loop)
        switch await limits.limiter.acquire(destination) {
        case .known(let failure): return .known(failure, at: address)
        case .overdue: return .overdue(at: address)
        case .admitted: break
        }
        // The blocklist may have been read again while this waited.
        if let status = refusal(address) {
            await limits.limiter.release(destination, .untried)
            return SessionObservation(address: address, status: status)
        }
        return await run(target, destination, at: address)
    }

    private func run(
        _ target: ProbeTarget, _ destination: Destination, at address: IPAddress
    ) async -> SessionObservation {
        inFlight += 1
        let limiter = limits.limiter
        let session = ProbeSession(
            target, at: address, options, context, verifier, from: sources, loop,
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
        times.connect.add(microseconds: session.connectMicroseconds)
        if let time = session.dialogueMicroseconds { times.session.add(microseconds: time) }
        await end(session, destination, seen.status.connectionEnd)
        return seen
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
    /// Whether something at the address spoke: then another address would say the same.
    fileprivate var isAnswer: Bool {
        switch self {
        case .tcpRefused, .tcpTimeout, .tcpReset, .tcpUnreachable, .greetingTimeout,
            .greetingClosed, .notProbed:
            false
        default: true
        }
    }

    /// What the end of the session says of the destination.
    fileprivate var connectionEnd: ConnectionEnd {
        switch self {
        case .tcpTimeout, .tcpUnreachable: .failed(ConnectionFailure(rawValue, .connect))
        case .greetingTimeout, .ehloTimeout, .starttlsTimeout:
            .failed(ConnectionFailure(rawValue, .beforeName))
        case .tlsTimeout: .failed(ConnectionFailure(rawValue, .afterName))
        case .tcpRefused: .pushedBack(ConnectionFailure(rawValue, .connect))
        case .tcpReset, .greetingClosed, .greeting4xx, .starttls4xx, .ehloClosed:
            .pushedBack(ConnectionFailure(rawValue, .pushback))
        default: .good
        }
    }
}
