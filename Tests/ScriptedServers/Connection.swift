internal import COpenSSL
import Glibc

/// How long a server waits for anything at most, in milliseconds: far longer than a test takes,
/// so that only a test that hangs meets it.
let waitMaxMilliseconds = 10_000

/// A connection that a server has accepted, in clear text or under TLS.
///
/// It blocks, for `waitMaxMilliseconds` at most. Lives on one thread.
final class Connection {
    /// How many octets a line, or a request's head, has at most.
    private static let lineMax = 64 << 10

    private let descriptor: Int32
    private var session: OpaquePointer?
    private var buffer: [UInt8] = []

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        limitWaits(of: descriptor)
    }

    deinit { SSL_free(session) }

    /// The octets up to a line feed, without it and a carriage return before it; nil where the
    /// peer closes or is silent for too long.
    func readLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                var line = buffer[..<end]
                if line.last == 13 { line.removeLast() }
                let text = String(decoding: line, as: UTF8.self)
                buffer.removeSubrange(...end)
                return text
            }
            guard buffer.count < Self.lineMax, receive() else { return nil }
        }
    }

    /// Reads more; false where the peer closes or is silent for too long.
    func receive() -> Bool {
        var octets = [UInt8](repeating: 0, count: 4096)
        let count =
            session.map { Int(SSL_read($0, &octets, Int32(octets.count))) }
            ?? recv(descriptor, &octets, octets.count, 0)
        guard count > 0 else { return false }
        buffer += octets[..<count]
        return true
    }

    /// Reads, and forgets, what comes until the peer closes or is silent for too long.
    func waitForEnd() {
        repeat { buffer = [] } while receive()
    }

    /// Sends all octets; false where the peer takes no more.
    @discardableResult
    func send(_ octets: [UInt8]) -> Bool {
        if let session { return SSL_write(session, octets, Int32(octets.count)) > 0 }
        var sent = 0
        while sent < octets.count {
            let count = octets[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    /// Shakes hands; false where no session comes of it.
    func startTLS(_ tls: ServerTLS) -> Bool {
        guard let context = tls.makeContext() else { return false }
        defer { SSL_CTX_free(context) }
        let session = SSL_new(context)
        SSL_set_fd(session, descriptor)
        guard SSL_accept(session) == 1 else {
            SSL_free(session)
            return false
        }
        self.session = session
        return true
    }

    /// Reads a ClientHello and answers by a fatal alert, as a record of its own.
    func sendAlert(_ description: UInt8) {
        guard receive() else { return }
        send([21, 3, 3, 0, 2, 2, description])
    }

    /// Reads a ClientHello and answers by a ServerHello without extensions, whose major version is
    /// 3: TLS_RSA_WITH_AES_128_CBC_SHA.
    func sendHello(minor: UInt8) {
        guard receive() else { return }
        let random = [UInt8](repeating: 7, count: 32)
        let hello: [UInt8] = [2, 0, 0, 38, 3, minor] + random + [0, 0, 0x2F, 0]
        send([22, 3, minor, 0, UInt8(hello.count)] + hello)
    }

    /// Tells the peer that the session ends, where there is one.
    func endTLS() {
        guard let session else { return }
        SSL_shutdown(session)
    }

    /// Has the close of the connection reset it.
    func resetOnClose() {
        var now = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<linger>.size))
    }
}

/// Has every wait for a socket end in time.
func limitWaits(of descriptor: Int32) {
    var limit = timeval(tv_sec: waitMaxMilliseconds / 1000, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
        setsockopt(
            descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
}

extension ServerTLS {
    /// A context that shows what this says, however weak it is; nil where OpenSSL refuses.
    fileprivate func makeContext() -> OpaquePointer? {
        guard let context = SSL_CTX_new_ex(ServerOpenSSL.context, nil, TLS_server_method()) else {
            return nil
        }
        SSL_CTX_set_security_level(context, 0)
        if agreesToHTTP2 { SSL_CTX_set_alpn_select_cb(context, selectHTTP2, nil) }
        if isOld {
            SSL_CTX_ctrl(
                context, SSL_CTRL_SET_MAX_PROTO_VERSION, Int(TLS1_2_VERSION), nil)
        }
        switch client {
        case .none: break
        case .asked: SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
        case .required:
            SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        var isSet =
            SSL_CTX_use_certificate(context, certificate.certificate) == 1
            && SSL_CTX_use_PrivateKey(context, certificate.privateKey) == 1
        for member in chain {
            let pointer = UnsafeMutableRawPointer(member.certificate)
            // 1: OpenSSL counts its reference.
            isSet = isSet && SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1, pointer) == 1
        }
        if isSet { return context }
        SSL_CTX_free(context)
        return nil
    }
}

/// The name of HTTP/2, which outlives every session.
nonisolated(unsafe) private let http2: UnsafePointer<UInt8> = {
    let name = UnsafeMutablePointer<UInt8>.allocate(capacity: 2)
    (name[0], name[1]) = (UInt8(ascii: "h"), UInt8(ascii: "2"))
    return UnsafePointer(name)
}()

/// Called by OpenSSL with what the client offers.
private func selectHTTP2(
    _ session: OpaquePointer?, _ selected: UnsafeMutablePointer<UnsafePointer<UInt8>?>?,
    _ length: UnsafeMutablePointer<UInt8>?, _ offer: UnsafePointer<UInt8>?, _ count: UInt32,
    _ data: UnsafeMutableRawPointer?
) -> Int32 {
    selected?.pointee = http2
    length?.pointee = 2
    return SSL_TLSEXT_ERR_OK
}
