internal import COpenSSL
public import DNS
internal import Observations

/// How one step of a session ended.
public enum TLSStep: Sendable {
    /// It is done; for a transfer, with so many bytes.
    case done(Int)
    /// The socket must be ready first.
    case wait
    /// The peer closed the session.
    case closed
    /// It failed.
    case failed(HandshakeFailure)
}

/// A TLS session over a nonblocking socket.
///
/// It never waits: the caller does.
@safe public final class TLSSession {
    private let session: OpaquePointer
    private let handshake: Handshake

    /// A session with the peer of `descriptor`, with SNI for `serverName` (RFC 8461 §7.1, and for
    /// DANE RFC 7672 §8.1) and, where `tlsa` holds usable records, verified by those besides.
    public init(
        _ context: TLSContext, descriptor: Int32, serverName: DomainName, tlsa: [TLSARecord],
        _ handshake: Handshake
    ) {
        guard let session = unsafe SSL_new(context.context) else {
            preconditionFailure("out of memory")
        }
        unsafe self.session = session
        self.handshake = handshake
        unsafe SSL_set_fd(session, descriptor)
        if unsafe TLSSession.enableDANE(session, base: serverName, tlsa) { handshake.tlsa = tlsa }
        unsafe copenssl_set_sni(session, serverName.text)
        unsafe handshake.attach(session: session)
    }

    deinit { unsafe SSL_free(session) }

    /// Gives the records to OpenSSL; false where none of them is usable.
    private static func enableDANE(
        _ session: OpaquePointer, base: DomainName, _ tlsa: [TLSARecord]
    ) -> Bool {
        guard !tlsa.isEmpty, unsafe SSL_dane_enable(session, base.text) > 0 else { return false }
        var usable = 0
        for record in tlsa where record.usage == 2 || record.usage == 3 {  // RFC 7672 §3.1.3
            let added = unsafe SSL_dane_tlsa_add(
                session, record.usage, record.selector, record.matchingType, record.data,
                record.data.count)
            if added > 0 { usable += 1 }
        }
        // Names are facts for the judge: DANE-EE has none checked (RFC 7672 §3.1.1), and which
        // names DANE-TA accepts depends on the policy domain.
        unsafe SSL_set1_host(session, nil)
        ERR_clear_error()
        return usable > 0
    }

    /// Continues the handshake.
    public func connect() -> TLSStep {
        ERR_clear_error()
        let result = unsafe SSL_connect(session)
        if result == 1 {
            noteDANE()
            return .done(0)
        }
        let step = self.step(after: result)
        if case .failed = step { noteDANE() }
        return step
    }

    /// Reads decrypted bytes into `buffer`.
    public func read(into buffer: inout [UInt8]) -> TLSStep {
        ERR_clear_error()
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe SSL_read(session, $0.baseAddress, Int32(clamping: $0.count))
        }
        return count > 0 ? .done(Int(count)) : step(after: count)
    }

    /// Encrypts and writes `bytes`, all of them or none.
    public func write(_ bytes: [UInt8]) -> TLSStep {
        ERR_clear_error()
        let count = unsafe SSL_write(session, bytes, Int32(clamping: bytes.count))
        return count > 0 ? .done(Int(count)) : step(after: count)
    }

    /// Sends the peer the end of the session, without waiting for its answer.
    public func shutDown() {
        ERR_clear_error()
        unsafe SSL_shutdown(session)
    }

    private func step(after result: Int32) -> TLSStep {
        switch unsafe SSL_get_error(session, result) {
        case SSL_ERROR_WANT_READ, SSL_ERROR_WANT_WRITE: return .wait
        case SSL_ERROR_ZERO_RETURN: return .closed
        case SSL_ERROR_SYSCALL: return .failed(handshake.failure ?? .closed)
        default:
            let last = OpenSSLError(code: ERR_peek_last_error())
            if handshake.error == nil { handshake.error = last.message }
            return .failed(handshake.failure ?? (last.isEndOfFile ? .closed : .protocolError))
        }
    }

    /// Whether a TLSA record matched, of which usage, and what is wrong with the chain up to there:
    /// OpenSSL knows when the chain is verified.
    private func noteDANE() {
        guard !handshake.tlsa.isEmpty, let found = handshake.daneErrors else { return }
        var usage: UInt8 = 0
        let isMatch =
            unsafe SSL_get0_dane_authority(session, nil, nil) >= 0
            && SSL_get0_dane_tlsa(session, &usage, nil, nil, nil, nil) >= 0
        handshake.observation.dane =
            isMatch
            ? DANEObservation(
                isMatch: true, usage: usage, relations: handshake.relations,
                error: found.errors.first)
            : DANEObservation(isMatch: false, relations: handshake.relations)
    }
}
