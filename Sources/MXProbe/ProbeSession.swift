internal import ConnectionLimits
internal import DNS
internal import EventLoop
import Glibc
internal import Observations
internal import SMTP
internal import TLS

/// One SMTP session with one address: connect, converse up to STARTTLS, shake hands, QUIT.
///
/// `StartTLSConversation` decides what is sent; this does the I/O and the timeouts. While its peer
/// is slow it gives its slot on the loop to another. The result is known before QUIT is answered;
/// that answer is waited for separately, for a short time.
final class ProbeSession {
    private let question: TLSQuestion
    private let address: IPAddress
    private let options: ProbeOptions
    private let loop: EventLoop
    private let context: TLSContext
    private let sources: SourceAddresses
    private let handshake: Handshake
    private var conversation: StartTLSConversation
    private var seen: SessionObservation
    private let onSlow: () async -> Bool
    private let onAnswer: () async -> Void
    private var socket: StreamSocket?
    private var tls: TLSSession?
    /// The end of the wait for the reply to what was sent last.
    private var deadline = Instant(nanoseconds: 0)
    private var sessionEnd = Instant(nanoseconds: 0)
    /// Whether the session has given its slot to another.
    private(set) var isParked = false
    /// Whether QUIT was sent, and its answer has not arrived.
    private(set) var awaitsQuitReply = false
    /// Why this machine had no room for the connection; nil where it had.
    private(set) var shortage: LocalShortage?
    /// How long TCP took, whether the connection was established or not.
    private(set) var connectMicroseconds: UInt64 = 0
    /// How long the session took from there; nil where none was.
    private(set) var dialogueMicroseconds: UInt64?
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// A session that calls `onSlow` when its peer is slow, to give up its slot in the window, and
    /// then `onAnswer` when the peer has answered, to wait for another slot.
    init(
        with host: DomainName, _ question: TLSQuestion, at address: IPAddress,
        _ options: ProbeOptions, _ context: TLSContext, _ verifier: ChainVerifier,
        from sources: SourceAddresses, _ loop: EventLoop, onSlow: @escaping () async -> Bool,
        onAnswer: @escaping () async -> Void
    ) {
        self.onSlow = onSlow
        self.onAnswer = onAnswer
        self.address = address
        self.sources = sources
        self.question = question
        self.options = options
        self.context = context
        self.loop = loop
        handshake = Handshake(with: host, .observe, verifier)
        conversation = StartTLSConversation(ehloName: options.ehloName)
        seen = SessionObservation(address: address)
        seen.observed = .direct
    }

    /// Runs the session until its result is known; it is to be closed then.
    func run() async -> SessionObservation {
        let start = loop.now
        sessionEnd = start.advanced(milliseconds: options.sessionTimeoutMilliseconds)
        let socket = await connect(from: start)
        let connected = loop.now
        connectMicroseconds = connected.microseconds(since: start)
        if let socket {
            self.socket = socket
            await converse(over: socket)
            dialogueMicroseconds = loop.now.microseconds(since: connected)
            noteConversation()
        }
        seen.durationMS = loop.now.milliseconds(since: start)
        return seen
    }

    /// Waits for the answer to QUIT, or until the peer closes, for a short time.
    func awaitQuitReply() async {
        guard let socket else { return }
        deadline = loop.now.advanced(milliseconds: options.quitTimeoutMilliseconds)
        while true {
            let transfer =
                tls == nil
                ? await socket.read(into: &buffer, until: deadline)
                : await transferSecurely(over: socket) { $0.read(into: &buffer) }
            guard case .bytes(let count) = transfer else { return }
            guard case .wait = conversation.received(buffer[..<count]) else { return }
        }
    }

    /// Closes the connection, where there is one.
    func close() {
        tls?.shutDown()
        socket?.close()
        socket = nil
    }

    // MARK: Waiting

    /// Waits for the peer; when that takes long another session gets the slot.
    private func wait(for socket: StreamSocket) async -> Wait {
        let wait = await socket.wait(until: min(patience, deadline))
        guard wait == .timedOut, await hasTime() else { return wait }
        return await answered(await socket.wait(until: deadline)) { $0 == .ready }
    }

    private var patience: Instant {
        loop.now.advanced(milliseconds: awaitsQuitReply ? .max >> 32 : options.slowMilliseconds)
    }

    /// Whether the peer has more time; where it has, the slot is given up.
    private func hasTime() async -> Bool {
        guard loop.now < deadline else { return false }
        if !isParked { isParked = await onSlow() }
        return true
    }

    /// Takes the slot back where the peer has answered.
    private func answered<Outcome>(
        _ outcome: Outcome, _ isAnswer: (Outcome) -> Bool
    ) async -> Outcome {
        guard isParked, isAnswer(outcome) else { return outcome }
        await onAnswer()
        isParked = false
        return outcome
    }

    // MARK: TCP

    /// A connection, or nil with the reason noted.
    private func connect(from start: Instant) async -> StreamSocket? {
        let family = address.isV4 ? AF_INET : AF_INET6
        guard let address = SocketAddress(bytes: address.bytes, port: options.port),
            let socket = StreamSocket(family: family, on: loop)
        else {
            failToConnect(errno)
            return nil
        }
        deadline = start.advanced(milliseconds: options.connectTimeoutMilliseconds)
        var outcome = await socket.connect(
            to: address, from: sources, until: min(patience, deadline))
        if outcome == .timedOut, await hasTime() {
            outcome = await answered(await socket.finishConnect(until: deadline)) {
                $0 == .bytes(0)
            }
        }
        switch outcome {
        case .bytes, .closed: return socket
        case .timedOut: seen.status = .tcpTimeout
        case .failed(let error): failToConnect(error)
        }
        socket.close()
        return nil
    }

    private func failToConnect(_ error: Int32) {
        fail(tcpStatus(error), error: error)
        shortage = LocalShortage(error, isV4: address.isV4)
    }

    private func tcpStatus(_ error: Int32) -> ProbeStatus {
        switch error {
        case ECONNREFUSED: .tcpRefused
        case ETIMEDOUT: .tcpTimeout
        case ECONNRESET: .tcpReset
        default: .tcpUnreachable
        }
    }

    private func fail(_ status: ProbeStatus, error: Int32) {
        seen.status = status
        seen.error = unsafe String(cString: strerror(error))
    }

    // MARK: SMTP

    private func converse(over socket: StreamSocket) async {
        var action = conversation.start()
        beginWait()
        while true {
            switch action {
            case .wait: action = await receive(from: socket)
            case .send(let bytes):
                beginWait()
                action = await send(bytes, over: socket)
                if let outcome = conversation.outcome {
                    awaitsQuitReply = true
                    return note(outcome)
                }
            case .startTLS:
                beginWait()
                guard await shakeHands(over: socket) else { return }
                action = conversation.tlsEstablished()
            case .finish(let outcome): return note(outcome)
            }
        }
    }

    /// The two vocabularies have the same raw values.
    private func note(_ outcome: Outcome) {
        if let status = ProbeStatus(rawValue: outcome.rawValue) { seen.status = status }
    }

    /// The time for a reply runs from its request, whatever part of it arrives in between.
    private func beginWait() {
        let milliseconds =
            conversation.outcome == nil
            ? options.replyTimeoutMilliseconds : options.quitTimeoutMilliseconds
        let end = loop.now.advanced(milliseconds: milliseconds)
        deadline = min(end, sessionEnd)
    }

    private func receive(from socket: StreamSocket) async -> Action {
        let transfer =
            tls == nil
            ? await read(from: socket)
            : await transferSecurely(over: socket) { $0.read(into: &buffer) }
        switch transfer {
        case .bytes(let count): return conversation.received(buffer[..<count])
        case .timedOut: return conversation.timedOut()
        case .closed: return closed()
        case .failed(let error):
            seen.error = unsafe String(cString: strerror(error))
            return conversation.closed()
        }
    }

    /// The connection is closed; inside TLS an alert may say why.
    private func closed() -> Action {
        if tls != nil, case .alert = handshake.failure { return conversation.alerted() }
        return conversation.closed()
    }

    private func read(from socket: StreamSocket) async -> IOResult {
        let transfer = await socket.read(into: &buffer, until: min(patience, deadline))
        guard transfer == .timedOut, await hasTime() else { return transfer }
        return await answered(await socket.read(into: &buffer, until: deadline)) {
            $0 != .timedOut
        }
    }

    private func send(_ bytes: [UInt8], over socket: StreamSocket) async -> Action {
        let transfer =
            tls == nil
            ? await socket.write(bytes, until: deadline)
            : await transferSecurely(over: socket) { $0.write(bytes) }
        switch transfer {
        case .bytes: return .wait
        case .timedOut: return conversation.timedOut()
        // What the peer sent before it closed is still to be read.
        case .closed, .failed: return .wait
        }
    }

    // MARK: TLS

    /// Does the handshake; false, with the reason noted, where it fails.
    private func shakeHands(over socket: StreamSocket) async -> Bool {
        seen.serverName = question.name
        let session = TLSSession(
            context, descriptor: socket.descriptor, serverName: question.name,
            tlsa: question.tlsa, handshake)
        defer { seen.tls = handshake.observation }
        while true {
            switch session.connect() {
            case .done:
                tls = session
                return true
            case .wait:
                if await wait(for: socket) == .ready { continue }
                seen.status = .tlsTimeout
            case .closed: seen.status = .tlsClosed
            case .failed(let failure):
                seen.status = tlsStatus(failure)
                seen.error = handshake.error
            }
            return false
        }
    }

    private func tlsStatus(_ failure: HandshakeFailure) -> ProbeStatus {
        guard !handshake.lacksVersion else { return .tlsOldVersion }
        return switch failure {
        case .alert: .tlsAlert
        case .closed: .tlsClosed
        case .protocolError, .certificate: .tlsProtocol
        }
    }

    private func transferSecurely(
        over socket: StreamSocket, _ step: (TLSSession) -> TLSStep
    ) async -> IOResult {
        guard let tls else { return .closed }
        while true {
            switch step(tls) {
            case .done(let count): return .bytes(count)
            case .closed, .failed: return .closed
            case .wait:
                guard await wait(for: socket) == .ready else { return .timedOut }
            }
        }
    }

    // MARK: What was sent

    private func noteConversation() {
        // An alert may have come after the handshake.
        if tls != nil { seen.tls = handshake.observation }
        seen.replies = conversation.replies
        seen.deviations = ReplyDeviation.allCases.filter(conversation.deviations.contains)
        seen.extensions = conversation.extensions?.lines ?? []
        seen.hasPlaintextAfterStartTLS = !conversation.plaintextAfterStartTLS.isEmpty
        seen.tlsExtensions = conversation.tlsExtensions?.lines ?? []
    }
}
