/// The conversation with an MX host that shows its TLS, and never begins a mail.
///
/// Its steps are greeting, EHLO, STARTTLS, the handshake, EHLO again, QUIT. Events go in, the next
/// action comes out; nothing here reads, writes or knows the time. QUIT is sent wherever the
/// session is still open (RFC 5321 §4.1.1.10). A failure after the handshake does not change the
/// outcome.
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

    /// The greeting as sent, lines joined by LF; of an unreadable one the received bytes.
    public private(set) var greeting: [UInt8]?
    /// The reply to EHLO before TLS.
    public private(set) var ehloReply: Reply?
    /// What it offers, where it is positive.
    public private(set) var extensions: Extensions?
    /// The reply to STARTTLS.
    public private(set) var starttlsReply: Reply?
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
        case .malformed: return receivedGarbage()
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
        case .greeting: end(.greetingClosed)
        case .ehlo: end(.ehloClosed)
        case .starttls, .handshake: end(.starttlsClosed)
        case .secureEHLO: end(.ok)
        case .quit(let outcome), .ended(let outcome): end(outcome)
        }
    }

    /// The peer did not answer in time.
    public mutating func timedOut() -> Action {
        switch state {
        case .greeting: end(.greetingTimeout)
        case .ehlo: end(.ehloTimeout)
        case .starttls, .handshake: end(.starttlsTimeout)
        case .secureEHLO: end(.ok)
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

    private mutating func receivedGarbage() -> Action {
        switch state {
        case .greeting:
            greeting = parser.unfinished
            return end(.notSMTP)
        case .ehlo, .starttls, .handshake: return end(.notSMTP)
        case .secureEHLO: return end(.ok)
        case .quit(let outcome), .ended(let outcome): return end(outcome)
        }
    }

    private mutating func received(_ reply: Reply) -> Action {
        switch state {
        case .greeting: receivedGreeting(reply)
        case .ehlo: receivedEHLOReply(reply)
        case .starttls: receivedStartTLSReply(reply)
        case .handshake: .startTLS
        case .secureEHLO: receivedSecureEHLOReply(reply)
        case .quit(let outcome), .ended(let outcome): end(outcome)
        }
    }

    /// RFC 5321 §3.1: 220, or 554 and the like from a server that does not want to talk.
    private mutating func receivedGreeting(_ reply: Reply) -> Action {
        greeting = reply.bytes
        if let action = failure(reply, transient: .greeting4xx, permanent: .greeting5xx) {
            return action
        }
        guard reply.code / 100 == 2 else { return quit(.notSMTP) }
        state = .ehlo
        return .send(ehlo)
    }

    /// RFC 5321 §4.1.1.1: 250 with the extensions; STARTTLS among them or not (RFC 3207 §4).
    private mutating func receivedEHLOReply(_ reply: Reply) -> Action {
        ehloReply = reply
        if let action = failure(reply, transient: .ehloRejected, permanent: .ehloRejected) {
            return action
        }
        guard reply.code / 100 == 2 else { return quit(.notSMTP) }
        let offer = Extensions(reply)
        extensions = offer
        guard offer.offersSTARTTLS else {
            return quit(offer.hasOverwrittenKeyword ? .starttlsStripped : .starttlsNotOffered)
        }
        state = .starttls
        return .send(Array("STARTTLS\r\n".utf8))
    }

    /// RFC 3207 §4: 220, and not a byte in clear text from then on.
    private mutating func receivedStartTLSReply(_ reply: Reply) -> Action {
        starttlsReply = reply
        if let action = failure(reply, transient: .starttls4xx, permanent: .starttls5xx) {
            return action
        }
        guard reply.code == 220 else { return quit(.notSMTP) }
        plaintextAfterStartTLS = parser.buffer
        parser.discard()
        state = .handshake
        return .startTLS
    }

    private mutating func receivedSecureEHLOReply(_ reply: Reply) -> Action {
        if reply.code / 100 == 2 { tlsExtensions = Extensions(reply) }
        return reply.code == 421 ? end(.ok) : quit(.ok)
    }

    /// The action on a negative reply; after a 421 the server closes by itself (RFC 5321 §3.8).
    private mutating func failure(
        _ reply: Reply, transient: Outcome, permanent: Outcome
    ) -> Action? {
        if reply.code == 421 { return end(transient) }
        if reply.isTransientFailure { return quit(transient) }
        return reply.isPermanentFailure ? quit(permanent) : nil
    }
}
