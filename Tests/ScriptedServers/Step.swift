/// What a server does with a connection; a script is a list of these, and its end closes the
/// connection.
package enum Step: Sendable {
    /// Sends these octets.
    case sendOctets([UInt8])
    /// Reads a line, which must begin so; another is a fault, and ends the script.
    case expect(String)
    /// Shakes hands as a server; where no session comes of it, the script ends.
    case startTLS(ServerTLS)
    /// Reads what comes, a ClientHello, and answers by a fatal alert with this description
    /// (RFC 8446 §6).
    case alert(UInt8)
    /// Reads what comes, a ClientHello, and answers by the ServerHello of a server whose newest
    /// version is 3.`minor`: TLS 1.0 is 3.1 (RFC 2246 §7.4.1.3).
    case hello(minor: UInt8)
    /// Reads an HTTP request, and answers by its path; another path is a fault.
    case serve([String: HTTPResponse])
    /// Waits until the test opens the gate.
    case hold(Gate)
    /// Says nothing until the peer closes.
    case silence
    /// Closes without an end of TLS.
    case drop
    /// Resets the connection.
    case reset

    /// Sends lines, each with its CRLF.
    package static func send(_ lines: String...) -> Step {
        .sendOctets(lines.flatMap { Array("\($0)\r\n".utf8) })
    }
}

/// The TLS of a server.
package struct ServerTLS: Sendable {
    /// What the server asks of its client.
    package enum ClientCertificate: Sendable {
        case none
        /// It may have one.
        case asked
        /// Without one the handshake ends by an alert.
        case required
    }

    /// The certificate that it shows.
    package var certificate: Certificate
    /// What it shows besides, nearest the leaf first.
    package var chain: [Certificate]
    /// What it asks of its client.
    package var client: ClientCertificate
    /// Whether it speaks no TLS 1.3.
    package var isOld: Bool
    /// Whether it agrees to HTTP/2 (RFC 7301), which the script then has to speak.
    package var agreesToHTTP2 = false

    /// A server that shows these certificates.
    package init(
        _ certificate: Certificate, chain: [Certificate] = [], client: ClientCertificate = .none,
        isOld: Bool = false
    ) {
        self.certificate = certificate
        self.chain = chain
        self.client = client
        self.isOld = isOld
    }
}

/// An answer to an HTTP request.
package struct HTTPResponse: Sendable {
    /// How it tells where its body ends (RFC 9112 §6.3).
    package enum Framing: Sendable {
        /// By one Content-Length.
        case length
        /// By two, so many octets longer than the body.
        case twoLengths(Int, Int)
        /// By chunks of so many octets.
        case chunks(Int)
        /// By a Content-Length of so many octets more than there are.
        case cutShort(by: Int)
        /// By the end of the connection.
        case close
    }

    /// The status code.
    package var status = 200
    /// Header lines.
    package var headers: [String] = ["Content-Type: text/plain"]
    /// The body.
    package var body: [UInt8] = []
    /// How it ends.
    package var framing = Framing.length

    /// A response of this body.
    package init(_ body: String, status: Int = 200, framing: Framing = .length) {
        self.body = Array(body.utf8)
        self.status = status
        self.framing = framing
    }

    /// The octets that are sent.
    var octets: [UInt8] {
        let lines = ["HTTP/1.1 \(status) Scripted"] + headers + lengths
        let head = lines.map { "\($0)\r\n" }.joined() + "\r\n"
        return Array(head.utf8) + framedBody
    }

    private var lengths: [String] {
        switch framing {
        case .length: ["Content-Length: \(body.count)"]
        case .twoLengths(let first, let second):
            [first, second].map { "Content-Length: \(body.count + $0)" }
        case .chunks: ["Transfer-Encoding: chunked"]
        case .cutShort(let missing): ["Content-Length: \(body.count + missing)"]
        case .close: ["Connection: close"]
        }
    }

    private var framedBody: [UInt8] {
        guard case .chunks(let most) = framing else { return body }
        var framed: [UInt8] = []
        var rest = body[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(most)
            framed += Array("\(String(chunk.count, radix: 16))\r\n".utf8) + chunk + [13, 10]
            rest = rest.dropFirst(most)
        }
        return framed + Array("0\r\n\r\n".utf8)
    }
}
