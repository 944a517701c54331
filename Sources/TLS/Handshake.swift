internal import COpenSSL
public import DNS
import Glibc
public import Observations

/// Why a handshake ended without a session.
public enum HandshakeFailure: Sendable {
    /// The peer sent a fatal alert.
    case alert
    /// The certificate does not verify, and the handshake was to stop on that.
    case certificate
    /// The peer closed or reset the connection.
    case closed
    /// Bytes that are not TLS, or nothing in common.
    case protocolError
}

/// One handshake in progress: what is expected of the peer, and what it has shown.
///
/// OpenSSL's callbacks write here, for libcurl's sessions too. Used on one loop.
public final class Handshake {
    /// The name that the certificate must hold.
    public let name: DomainName
    let policy: CertificatePolicy
    let verifier: ChainVerifier
    /// The TLSA records that the session verifies by besides; empty where it does not.
    var tlsa: [TLSARecord] = []
    /// Whether TCP is connected and the handshake has begun.
    public private(set) var hasBegun = false
    /// Whether the peer has ended the session with close_notify (RFC 8446 §6.1).
    public private(set) var hasEnded = false
    /// What the peer has shown so far.
    public internal(set) var observation = TLSObservation()
    /// The errors of the verification by TLSA records; nil where there was none.
    private(set) var daneErrors: ChainErrors?
    /// How each of the records relates to the chain.
    private(set) var relations: [TLSARelation] = []
    /// Why the handshake failed, where the callbacks have seen it.
    public internal(set) var failure: HandshakeFailure?
    /// OpenSSL's message for the failure.
    public internal(set) var error: String?

    /// How many octets of a peer are read in the handshake, and how many after it, whatever they
    /// carry: RFC 8461 §3.3 suggests 64 KiB for a policy.
    public static let octetsMax = 256 << 10
    private var octets = 0
    private var isEstablished = false
    private var isOldVersion = false
    /// Whether the peer has sent more octets after the handshake than are read.
    public var isOverLimit: Bool { isEstablished && octets > Self.octetsMax }

    /// What is done about a certificate that does not verify.
    public enum CertificatePolicy: Sendable {
        /// It is noted, and the handshake goes on: MX hosts.
        case observe
        /// It is noted in full, and the handshake ends: RFC 8461 §3.3 on policy hosts.
        case require
    }

    /// A handshake with `name`, whose chain `verifier` verifies.
    public init(
        with name: DomainName, _ policy: CertificatePolicy, _ verifier: ChainVerifier
    ) {
        self.name = name
        self.policy = policy
        self.verifier = verifier
    }

    // MARK: Called from OpenSSL's callbacks

    /// Verifies the chain that `context` holds; 0 ends the handshake.
    fileprivate func verify(_ context: OpaquePointer, _ session: OpaquePointer) -> Int32 {
        unsafe noteParameters(session)
        guard let leaf = unsafe X509_STORE_CTX_get0_cert(context) else { return 0 }
        let shown = unsafe X509_STORE_CTX_get0_untrusted(context)
        let certificate = unsafe verifier.observe(leaf, among: shown, for: name)
        observation.certificate = certificate
        if !tlsa.isEmpty {
            unsafe verifyByTLSA(context, length: certificate.chainLength)
            let comparison = unsafe TLSAComparison(of: leaf, among: shown) {
                unsafe self.verifier.path(of: leaf, among: shown)
            }
            relations = comparison.relations(of: tlsa)
        }
        guard policy == .require, !certificate.errors.isEmpty else {
            unsafe X509_STORE_CTX_set_error(context, X509_V_OK)
            return 1
        }
        failure = .certificate
        error = certificate.detail ?? certificate.errors.first?.rawValue
        unsafe X509_STORE_CTX_set_error(context, X509_V_ERR_APPLICATION_VERIFICATION)
        return 0
    }

    /// Has OpenSSL match the chain against the session's TLSA records; which one did is known when
    /// the handshake goes on, as long as `context` holds no error.
    private func verifyByTLSA(_ context: OpaquePointer, length: Int) {
        daneErrors = unsafe ChainErrors(verifying: context, length: length)
    }

    /// Takes OpenSSL's progress reports.
    fileprivate func progressed(_ session: OpaquePointer, _ event: Int32, _ value: Int32) {
        if !hasBegun { unsafe countOctets(session) }
        hasBegun = true
        if event & SSL_CB_READ_ALERT == SSL_CB_READ_ALERT {
            unsafe noteAlert(value, SSL_version(session) == TLS1_3_VERSION)
        } else if event & SSL_CB_HANDSHAKE_DONE != 0 {
            unsafe noteParameters(session)
            // TLS 1.3 reports this again for each later message (RFC 8446 §4.6).
            if !isEstablished { octets = 0 }
            isEstablished = true
        } else if event & SSL_CB_CONNECT_EXIT == SSL_CB_CONNECT_EXIT, value <= 0 {
            noteExit()
        }
    }

    /// Counts every octet where OpenSSL reads it, in libcurl's sessions too.
    private func countOctets(_ session: OpaquePointer) {
        guard let input = unsafe SSL_get_rbio(session) else { return }
        unsafe BIO_set_callback_ex(input, octetsRead)
        unsafe BIO_set_callback_arg(input, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Takes octets that were read; false where no more are to be.
    fileprivate func read(_ count: Int) -> Bool {
        octets += count
        guard octets > Self.octetsMax else { return true }
        let time = isEstablished ? "after" : "in"
        error = error ?? "more than \(Self.octetsMax) octets \(time) the handshake"
        if !isEstablished { failure = failure ?? .protocolError }
        return false
    }

    /// Takes an alert; in TLS 1.3 all but two of them are fatal, whatever level they bear (RFC 8446
    /// §6).
    private func noteAlert(_ value: Int32, _ isTLS13: Bool) {
        let code = value & 0xFF
        if code == SSL3_AD_CLOSE_NOTIFY { hasEnded = true }
        let isEnd = code == SSL3_AD_CLOSE_NOTIFY || code == SSL_AD_USER_CANCELLED
        guard value >> 8 == SSL3_AL_FATAL || isTLS13 && !isEnd else { return }
        let name = unsafe SSL_alert_desc_string_long(value).map { unsafe String(cString: $0) }
        observation.alert = Self.laterAlerts[code] ?? name
        observation.alertCode = Int(code)
        failure = .alert
    }

    /// Alerts that the linked OpenSSL may have no name for (RFC 8446 §6).
    private static let laterAlerts: [Int32: String] = [
        109: "missing extension", 116: "certificate required", 120: "no application protocol",
    ]

    /// Takes a handshake message from the peer: a ServerHello of a version that is not offered ends
    /// the handshake before OpenSSL says which it is (RFC 5246 §7.4.1.3).
    fileprivate func received(message: UnsafeRawBufferPointer) {
        guard message.count > 5, unsafe message[0] == SSL3_MT_SERVER_HELLO else { return }
        let version = unsafe Int32(message[4]) << 8 | Int32(message[5])
        switch version {
        case SSL3_VERSION: observation.version = "SSLv3"
        case TLS1_VERSION: observation.version = "TLSv1"
        case TLS1_1_VERSION: observation.version = "TLSv1.1"
        default: return
        }
        isOldVersion = true
    }

    /// Whether the peer has no version of TLS that is offered: it chose an older one, or says so by
    /// its alert (RFC 8446 §6.2).
    public var lacksVersion: Bool {
        isOldVersion || observation.alertCode == Int(SSL_AD_PROTOCOL_VERSION)
    }

    /// A connect ends with an empty queue while it only waits for the peer.
    private func noteExit() {
        let systemError = errno
        let last = OpenSSLError(code: ERR_peek_last_error())
        guard failure == nil else { return }
        if last.isEndOfFile || last.isSystem || (last.isNone && systemError == ECONNRESET) {
            failure = .closed
        } else if !last.isNone {
            failure = .protocolError
        } else {
            return
        }
        error = last.isNone ? "connection reset by peer" : last.message
    }

    private func noteParameters(_ session: OpaquePointer) {
        observation.version = unsafe String(cString: SSL_get_version(session))
        if let cipher = unsafe SSL_get_current_cipher(session) ?? SSL_get_pending_cipher(session),
            let name = unsafe SSL_CIPHER_standard_name(cipher)
        {
            observation.cipher = unsafe String(cString: name)
        }
        observation.group = unsafe copenssl_group(session).map { unsafe String(cString: $0) }
        observation.hasOCSPStaple = unsafe copenssl_has_ocsp(session) != 0
    }
}

// MARK: Finding the handshake from OpenSSL's objects

/// The slots in which OpenSSL's objects hold their handshake: a session of ours in its own, one
/// that a library makes in that of its context.
private let sessionSlot = copenssl_ssl_index()
private let contextSlot = unsafe copenssl_ctx_index(contextReleased)

extension Handshake {
    /// Ties a session to this handshake, which must outlive it.
    func attach(session: OpaquePointer) {
        unsafe SSL_set_ex_data(session, sessionSlot, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Ties all sessions of a context to this handshake, which the context keeps as long as it has
    /// any; to be called once for a context.
    ///
    /// libcurl 8.14 ends a connection after its transfer has ended, and reads from it until the
    /// peer has closed it too: OpenSSL's callbacks come when the fetch is long over.
    func attach(context: OpaquePointer) {
        let kept = unsafe Unmanaged.passRetained(self)
        guard unsafe SSL_CTX_set_ex_data(context, contextSlot, kept.toOpaque()) == 1 else {
            return unsafe kept.release()
        }
    }

    fileprivate static func of(_ session: OpaquePointer?) -> Handshake? {
        guard let session = unsafe session else { return nil }
        let data =
            unsafe SSL_get_ex_data(session, sessionSlot)
            ?? SSL_CTX_get_ex_data(SSL_get_SSL_CTX(session), contextSlot)
        return unsafe data.map { unsafe Unmanaged<Handshake>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Has a context report to the handshake of each of its sessions.
    static func installCallbacks(on context: OpaquePointer) {
        unsafe SSL_CTX_set_cert_verify_callback(context, verifyPeer, nil)
        unsafe SSL_CTX_set_info_callback(context, handshakeProgressed)
        unsafe SSL_CTX_set_msg_callback(context, messagePassed)
    }
}

/// Called by OpenSSL when a context is gone, with the handshake that it kept, if any.
private func contextReleased(
    _: UnsafeMutableRawPointer?, _ handshake: UnsafeMutableRawPointer?,
    _: UnsafeMutablePointer<CRYPTO_EX_DATA>?, _: Int32, _: Int, _: UnsafeMutableRawPointer?
) {
    guard let handshake = unsafe handshake else { return }
    unsafe Unmanaged<Handshake>.fromOpaque(handshake).release()
}

private func verifyPeer(_ context: OpaquePointer?, _: UnsafeMutableRawPointer?) -> Int32 {
    guard let context = unsafe context,
        let data = unsafe X509_STORE_CTX_get_ex_data(
            context, SSL_get_ex_data_X509_STORE_CTX_idx())
    else { return 0 }
    let session = OpaquePointer(data)
    return unsafe Handshake.of(session)?.verify(context, session) ?? 0
}

private func handshakeProgressed(_ session: OpaquePointer?, _ event: Int32, _ value: Int32) {
    guard let session = unsafe session else { return }
    unsafe Handshake.of(session)?.progressed(session, event, value)
}

/// Called by OpenSSL for each message of the protocol that is sent, or was received and is yet to
/// be processed.
private func messagePassed(
    _ isSent: Int32, _: Int32, _ kind: Int32, _ octets: UnsafeRawPointer?, _ count: Int,
    _ session: OpaquePointer?, _: UnsafeMutableRawPointer?
) {
    guard isSent == 0, kind == SSL3_RT_HANDSHAKE else { return }
    let message = unsafe UnsafeRawBufferPointer(start: octets, count: count)
    unsafe Handshake.of(session)?.received(message: message)
}

/// Called by OpenSSL around each operation on a session's input: a read fails, as on a broken
/// connection, when too much was received.
private func octetsRead(
    _ input: OpaquePointer?, _ operation: Int32, _: UnsafePointer<CChar>?, _: Int, _: Int32,
    _: Int, _ result: Int32, _ count: UnsafeMutablePointer<Int>?
) -> Int {
    guard let input = unsafe input, operation & ~BIO_CB_RETURN == BIO_CB_READ,
        let owner = unsafe BIO_get_callback_arg(input)
    else { return Int(result) }
    let handshake = unsafe Unmanaged<Handshake>.fromOpaque(owner).takeUnretainedValue()
    guard operation & BIO_CB_RETURN != 0 else {
        guard !handshake.read(0) else { return Int(result) }
        unsafe copenssl_clear_retry(input)
        return -1
    }
    _ = unsafe handshake.read(result > 0 ? count?.pointee ?? 0 : 0)
    return Int(result)
}
