/// The conversation with an MX host that shows its TLS, and never begins a mail.
///
/// Its steps are greeting, EHLO, STARTTLS, the handshake, EHLO again, QUIT. Events go in, the next
/// action comes out; nothing here reads, writes or knows the time. QUIT is sent wherever the
/// session is still open (RFC 5321 §4.1.1.10).
///
/// A reply says something of TLS, or of the client and the moment. That a server offers no STARTTLS
/// is shown by its extensions, or by its not knowing EHLO (500, 501, 502). Any other 5xx to the
/// connection or to EHLO refuses this client; a 4xx, wherever it comes, refuses it now. A 5xx to
/// STARTTLS refuses TLS. After the handshake any reply shows that the peer has agreed: in TLS 1.3
/// the client is done before the server has seen its certificate (RFC 8446 §4.4.2.4).
public struct StartTLSConversation: Sendable {
    private enum State: Hashable {
        /// Waits for the 220 of RFC 5321 §3.1. To: ehlo, quit, ended.
        case greeting
        /// Waits for the reply to EHLO. To: starttls, quit, ended.
        case ehlo
        /// Waits for the reply to STARTTLS. To: handshake, quit, ended.
        case starttls
        /// Waits for the owner's TLS handshake. To: secureEHLO, ended.
        case handshake
        /// Waits for the reply to EHLO inside TLS. To: quit, ended.
        case secureEHLO
        /// Waits for the reply to QUIT. To: ended.
        case quit(Outcome)
        /// Nothing more is said.
        case ended(Outcome)
    }

    /// What the server said at each step.
    public private(set) var replies = Replies()
    /// How its replies differ from the grammar, where they were taken all the same.
    public private(set) var deviations: Set<ReplyDeviation> = []
    /// What the reply to EHLO offers before TLS, where it is positive.
    public private(set) var extensions: Extensions?
    /// The bytes that came in clear text after the 220 to STARTTLS, and were discarded.
    public private(set) var plaintextAfterStartTLS: [UInt8] = []
    /// What the reply to EHLO inside TLS offers.
    public private(set) var tlsExtensions: Extensions?

    private let ehlo: [UInt8]
    private var state = State.greeting
    private var parser = ReplyParser()

    /// A conversation in which the client names itself `ehloName`, a host name or address literal.
    public init(ehloName: String) { ehlo = Array("EHLO \(ehloName)\r\n".utf8) }

    /// The result of the conversation, once only QUIT is left; nil before.
    public var outcome: Outcome? { if case .quit(let outcome) = state { outcome } else { nil } }

    /// The connection is established.
    public mutating func start() -> Action { .wait }

    /// Bytes have come, in clear text or inside TLS.
    public mutating func received(_ bytes: some Collection<UInt8>) -> Action {
        if case .ended(let outcome) = state { return .finish(outcome) }
        parser.append(bytes)
        switch parser.next() {
        case .incomplete: return .wait
        case .malformed: return endWithoutReply(.notSMTP)
        case .reply(let reply): return received(reply)
        }
    }

    /// The TLS handshake is done.
    public mutating func tlsEstablished() -> Action {
        guard state == .handshake else { return .wait }
        state = .secureEHLO
        return .send(ehlo)
    }

    /// The peer has closed or reset the connection.
    public mutating func closed() -> Action {
        switch state {
        case .greeting: endWithoutReply(.greetingClosed)
        case .ehlo: endWithoutReply(.ehloClosed)
        case .starttls, .handshake: endWithoutReply(.starttlsClosed)
        case .secureEHLO: endWithoutReply(.tlsEHLOClosed)
        case .quit(let outcome), .ended(let outcome): end(outcome)
        }
    }

    /// The peer has ended TLS by an alert after the handshake: so it refuses a client without a
    /// certificate in TLS 1.3 (RFC 8446 §4.4.2.4).
    public mutating func alerted() -> Action {
        state == .secureEHLO ? endWithoutReply(.tlsAlert) : closed()
    }

    /// The peer did not answer in time.
    public mutating func timedOut() -> Action {
        switch state {
        case .greeting: endWithoutReply(.greetingTimeout)
        case .ehlo: endWithoutReply(.ehloTimeout)
        case .starttls, .handshake: endWithoutReply(.starttlsTimeout)
        case .secureEHLO: endWithoutReply(.tlsEHLOTimeout)
        case .quit(let outcome), .ended(let outcome): end(outcome)
        }
    }

    private mutating func end(_ outcome: Outcome) -> Action {
        state = .ended(outcome)
        return .finish(outcome)
    }

    private mutating func quit(_ outcome: Outcome) -> Action {
        state = .quit(outcome)
        return .send(Array("QUIT\r\n".utf8))
    }

    /// Ends where no whole reply has come, and keeps what came.
    private mutating func endWithoutReply(_ outcome: Outcome) -> Action {
        if case .quit(let outcome) = state { return end(outcome) }
        let unfinished = parser.unfinished
        if !unfinished.isEmpty { keep(ReplyText(code: nil, bytes: unfinished)) }
        return end(outcome)
    }

    /// Keeps what the server said at this step.
    private mutating func keep(_ text: ReplyText) {
        switch state {
        case .greeting: replies.greeting = text
        case .ehlo: replies.ehlo = text
        case .starttls: replies.starttls = text
        case .secureEHLO: replies.secureEHLO = text
        case .handshake, .quit, .ended: break
        }
    }

    private mutating func received(_ reply: Reply) -> Action {
        keep(reply.text)
        deviations.formUnion(reply.deviations)
        switch state {
        case .greeting: return receivedGreeting(reply)
        case .ehlo: return receivedEHLOReply(reply)
        case .starttls: return receivedStartTLSReply(reply)
        case .handshake: return .startTLS
        case .secureEHLO: return receivedSecureEHLOReply(reply)
        case .quit(let outcome), .ended(let outcome): return end(outcome)
        }
    }

    /// RFC 5321 §3.1: 220, or 554 and the like from a server that does not want to talk.
    private mutating func receivedGreeting(_ reply: Reply) -> Action {
        if let action = failure(reply, transient: .greeting4xx, permanent: .greeting5xx) {
            return action
        }
        note(reply, unless: 220, .greetingCode)
        state = .ehlo
        return .send(ehlo)
    }

    /// RFC 5321 §4.1.1.1: 250 with the extensions; STARTTLS among them or not (RFC 3207 §4).
    private mutating func receivedEHLOReply(_ reply: Reply) -> Action {
        let permanent: Outcome = reply.isUnknownCommand ? .starttlsNotOffered : .ehlo5xx
        if let action = failure(reply, transient: .ehlo4xx, permanent: permanent) {
            return action
        }
        note(reply, unless: 250, .ehloCode)
        let offer = Extensions(reply)
        extensions = offer
        guard offer.offersSTARTTLS else {
            return quit(offer.hasOverwrittenKeyword ? .starttlsStripped : .starttlsNotOffered)
        }
        state = .starttls
        return .send(Array("STARTTLS\r\n".utf8))
    }

    /// RFC 3207 §4: 220, and not a byte in clear text from then on.
    ///
    /// Another 2xx is taken too, since senders go by the first digit (RFC 5321 §4.3.2).
    private mutating func receivedStartTLSReply(_ reply: Reply) -> Action {
        if let action = failure(reply, transient: .starttls4xx, permanent: .starttls5xx) {
            return action
        }
        plaintextAfterStartTLS = parser.buffer
        parser.discard()
        state = .handshake
        return .startTLS
    }

    /// Whatever the reply is, it shows that the peer has agreed to the session.
    private mutating func receivedSecureEHLOReply(_ reply: Reply) -> Action {
        if reply.isPositive { tlsExtensions = Extensions(reply) }
        let outcome: Outcome = replies.starttls?.code == 220 ? .ok : .starttls2xx
        return reply.code == 421 ? end(outcome) : quit(outcome)
    }

    private mutating func note(_ reply: Reply, unless code: Int, _ deviation: ReplyDeviation) {
        if reply.code != code { deviations.insert(deviation) }
    }

    /// The action on a reply that is not positive; after a 421 the server closes by itself (RFC
    /// 5321 §3.8).
    private mutating func failure(
        _ reply: Reply, transient: Outcome, permanent: Outcome
    ) -> Action? {
        if reply.code == 421 { return end(transient) }
        if reply.isTransientFailure { return quit(transient) }
        if reply.isPermanentFailure { return quit(permanent) }
        // RFC 5321 §4.2.1: 3yz belongs to no command that is sent here.
        return reply.isPositive ? nil : quit(.notSMTP)
    }
}
