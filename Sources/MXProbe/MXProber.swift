public import Admission
public import DNS
public import EventLoop
internal import Metrics
public import Survey
public import TLS

/// Probes MX hosts by SMTP and STARTTLS, from the tasks of one loop.
public final class MXProber {
    private let options: ProbeOptions
    private let trust: TrustStore
    private lazy var context = TLSContext(trust: trust)
    private let verified = VerifiedChains()
    private let sources: SourceAddresses
    private let place: LoopPlace
    private let loop: EventLoop
    /// How long sessions took so far.
    public private(set) var times = ProbeTimes()
    /// How many sessions are open, or being connected.
    public private(set) var inFlight = 0

    /// A prober whose chains may end in `trust`, and whose connections come from `sources` as the
    /// desk of `place` lets them begin.
    public init(
        _ options: ProbeOptions, trust: TrustStore, from sources: SourceAddresses,
        place: LoopPlace, loop: EventLoop
    ) {
        self.options = options
        self.trust = trust
        self.sources = sources
        self.place = place
        self.loop = loop
    }

    /// Probes a host at the first address of each family that answers, or at all of them.
    ///
    /// - Parameters:
    ///   - target: the host, and what its TLS is verified by.
    ///   - refusal: why an address is to be left alone; nil where it may be contacted.
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
        let destination = Destination(smtp: address, domain: target.domain, loop: place.index)
        switch await place.desk.enter(destination) {
        case .known(let failure, let times): return .known(failure, times: times, at: address)
        case .overdue: return .overdue(at: address)
        case .admitted: break
        }
        // The blocklist may have been read again while this waited.
        if let status = refusal(address) {
            await place.desk.leave(destination, .good)
            return SessionObservation(address: address, status: status)
        }
        return await run(target, destination, at: address)
    }

    private func run(
        _ target: ProbeTarget, _ destination: Destination, at address: IPAddress
    ) async -> SessionObservation {
        inFlight += 1
        defer { inFlight -= 1 }
        let session = ProbeSession(
            target, at: address, options, context, verified, from: sources, loop)
        let desk = place.desk
        let seen = await session.run(
            onSlowConnect: { await desk.yieldPlace(destination) },
            onSlowConnected: { await desk.takePlaceBack(destination) })
        await desk.leave(
            destination, seen.status.connectionEnd, isSlow: session.hasYieldedPlace)
        times.connect.add(microseconds: session.connectMicroseconds)
        if let time = session.dialogueMicroseconds { times.session.add(microseconds: time) }
        return seen
    }
}

extension SessionObservation {
    /// What others have found at the address just now.
    fileprivate static func known(
        _ failure: Unreached, times: Int, at address: IPAddress
    ) -> SessionObservation {
        let status: ProbeStatus =
            switch failure {
            case .timedOut: .tcpTimeout
            case .refused: .tcpRefused
            case .unreachable: .tcpUnreachable
            }
        var session = SessionObservation(address: address, status: status)
        session.observed = .shared
        session.error = "found \(times) times in a row at this address, and not tried again"
        return session
    }

    fileprivate static func overdue(at address: IPAddress) -> SessionObservation {
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
        case .tcpTimeout: .unreached(.timedOut)
        case .tcpRefused: .unreached(.refused)
        case .tcpUnreachable: .unreached(.unreachable)
        case .tcpReset, .greetingClosed, .greeting4xx, .starttls4xx, .ehloClosed: .pushedBack
        default: .good
        }
    }
}
