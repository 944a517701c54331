public import DNS
public import EventLoop
internal import Metrics
internal import SMTP
public import Survey
public import TLS

/// Probes MX hosts by SMTP and STARTTLS, from the tasks of one loop.
public final class MXProber {
    private let options: ProbeOptions
    private let context: TLSContext
    private let sources: SourceAddresses
    private let loop: EventLoop
    private let gate: Gate
    /// How long sessions took so far.
    public private(set) var times = ProbeTimes()
    /// How many sessions are open.
    public private(set) var inFlight = 0

    /// A prober whose handshakes use `context`, and whose connections come from `sources`.
    public init(
        _ options: ProbeOptions, context: TLSContext, from sources: SourceAddresses,
        loop: EventLoop
    ) {
        self.sources = sources
        self.options = options
        self.context = context
        self.loop = loop
        gate = Gate(limit: options.inFlightLimit)
    }

    /// Probes a host at the first address of each family that answers.
    ///
    /// - Parameters:
    ///   - host: the name the certificate must hold.
    ///   - serverName: the name sent as SNI: the host's, or the TLSA base domain.
    ///   - tlsa: the TLSA records to verify by besides.
    ///   - addresses: the addresses that may be contacted.
    /// - Returns: one session for each address, those not needed as not probed.
    public func observe(
        _ host: DomainName, serverName: DomainName, tlsa: [TLSARecord], at addresses: [IPAddress]
    ) async -> [SessionObservation] {
        var sessions: [SessionObservation] = []
        for isV4 in [true, false] {
            var tried = 0
            var hasAnswer = false
            for address in addresses where address.isV4 == isV4 {
                guard !hasAnswer, tried < options.addressesPerFamily else {
                    sessions.append(SessionObservation(address: address))
                    continue
                }
                tried += 1
                let target = SessionTarget(
                    host: host, serverName: serverName, tlsa: tlsa, address: address)
                let session = await probe(target)
                hasAnswer = session.status.isAnswer
                sessions.append(session)
            }
        }
        return sessions
    }

    private func probe(_ target: SessionTarget) async -> SessionObservation {
        await gate.withPermit {
            inFlight += 1
            defer { inFlight -= 1 }
            let session = ProbeSession(target, options, context, from: sources, loop)
            let seen = await session.run()
            times.connect.add(microseconds: session.connectMicroseconds)
            if let time = session.dialogueMicroseconds { times.session.add(microseconds: time) }
            return seen
        }
    }
}

extension ProbeStatus {
    /// Whether something at the address spoke: then another address would say the same.
    fileprivate var isAnswer: Bool {
        switch self {
        case .tcpRefused, .tcpTimeout, .tcpReset, .tcpUnreachable, .greetingTimeout,
            .greetingClosed:
            false
        default: true
        }
    }
}
