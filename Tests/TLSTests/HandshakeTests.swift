import DNS
import EventLoop
import Glibc
import Observations
import ScriptedServers
import TLS
import Testing

/// What came of a handshake.
private struct Outcome: Sendable {
    let seen: TLSObservation
    /// Why there is no session; nil where there is one.
    let failure: HandshakeFailure?
    let error: String?
    /// Whether the server has ended its session.
    let hasEnded: Bool

    var errors: [CertificateError]? { seen.certificate?.errors }
}

/// The name that certificates must hold.
private let host = "mx.example.org"

/// Shakes hands as the program does, with one scripted server after the other.
private struct Client {
    let authority: TestAuthority
    let trust: TrustStore
    var profile = TLSProfile.mxHost
    var tlsa: [TLSARecord] = []

    init() throws {
        authority = try TestAuthority()
        trust = try TrustStore(file: authority.file.path)
    }

    func connect(to tls: ServerTLS) throws -> Outcome { try connect(to: [.startTLS(tls)]) }

    func connect(to certificate: Certificate, chain: [Certificate] = []) throws -> Outcome {
        try connect(to: ServerTLS(certificate, chain: chain))
    }

    func connect(to script: [Step]) throws -> Outcome {
        let server = try TCPServer(script)
        let (trust, profile, tlsa) = (trust, profile, tlsa)
        return try onLoop { loop in
            let name = DomainName(canonical: host)
            let handshake = Handshake(with: name, .observe, ChainVerifier(profile, trust: trust))
            let socket = try #require(StreamSocket(family: AF_INET, on: loop))
            defer { socket.close() }
            let deadline = loop.now.advanced(milliseconds: 10_000)
            let address = try #require(
                SocketAddress(bytes: server.address.bytes, port: server.port))
            let connected = await socket.connect(
                to: address, from: SourceAddresses([]), until: deadline)
            #expect(connected == .bytes(0))
            let session = TLSSession(
                TLSContext(), descriptor: socket.descriptor, serverName: name, tlsa: tlsa,
                handshake)
            var failure = try await step(socket, deadline) { session.connect() }
            let hasSession = failure == nil
            if hasSession {
                var buffer = [UInt8](repeating: 0, count: 16)
                failure = try await step(socket, deadline) { session.read(into: &buffer) }
            }
            return Outcome(
                seen: handshake.observation, failure: hasSession ? nil : failure,
                error: handshake.error, hasEnded: handshake.hasEnded)
        }
    }

    private func record(_ usage: UInt8, _ selector: UInt8, _ data: [UInt8]) -> TLSARecord {
        TLSARecord(usage: usage, selector: selector, matchingType: 0, data: data)
    }

    /// The same with TLSA records of DANE-EE and of this key (RFC 7672 §3.1.1).
    func pinned(to certificate: Certificate) -> Client {
        var client = self
        client.tlsa = [record(3, 1, certificate.publicKey)]
        return client
    }

    /// The same with TLSA records of DANE-TA and of this certificate (RFC 7672 §3.1.2).
    func anchored(at certificate: Certificate) -> Client {
        var client = self
        client.tlsa = [record(2, 0, certificate.der)]
        return client
    }
}

/// Does a step until it is done or fails; nil where it is done, or the session has ended.
private func step(
    _ socket: StreamSocket, _ deadline: Instant, _ body: () -> TLSStep
) async throws -> HandshakeFailure? {
    while true {
        switch body() {
        case .done, .closed: return nil
        case .failed(let failure): return failure
        case .wait: try #require(await socket.wait(until: deadline) == .ready)
        }
    }
}

@Suite struct `a handshake` {
    @Test func `with a good server shows its parameters and its certificate`() throws {
        let client = try Client()
        let leaf = try client.authority.issue(host, "*.example.org")
        let outcome = try client.connect(to: leaf)
        #expect(outcome.failure == nil && outcome.hasEnded)
        #expect(outcome.seen.version == "TLSv1.3")
        #expect(outcome.seen.cipher == "TLS_AES_256_GCM_SHA384")
        // A server of OpenSSL 3.5 prefers the hybrid group where it is offered.
        let best = TLSOffer.groupNames.first { $0 == "X25519MLKEM768" } ?? "X25519"
        #expect(outcome.seen.group?.uppercased() == best)
        #expect(outcome.seen.dane == nil)
        let certificate = try #require(outcome.seen.certificate)
        #expect(certificate.errors == [] && certificate.detail == nil)
        #expect(certificate.names == [host, "*.example.org"])
        #expect(certificate.subject == "CN=\(host)" && certificate.issuer == "CN=Root")
        #expect(certificate.keyType == "EC" && certificate.keyBits == 256)
        #expect(certificate.chainLength == 1 && certificate.securityBits == 128)
        #expect(certificate.notAfter - certificate.notBefore == 90_000)
    }

    @Test func `with a server of TLS 1.2 is one of TLS 1.2`() throws {
        let client = try Client()
        var tls = ServerTLS(try client.authority.issue(host))
        tls.isOld = true
        #expect(try client.connect(to: tls).seen.version == "TLSv1.2")
    }

    @Test func `that asks for a certificate goes on without one`() throws {
        let client = try Client()
        var tls = ServerTLS(try client.authority.issue(host), client: .asked)
        #expect(try client.connect(to: tls).failure == nil)
        (tls.client, tls.isOld) = (.required, true)
        let refused = try client.connect(to: tls)
        #expect(refused.failure == .alert)
        #expect(refused.seen.alert == "handshake failure")
        #expect(refused.errors == [], "the certificate was seen before")
    }

    @Test func `that the peer ends keeps the alert`() throws {
        for (description, text) in [(40, "handshake failure"), (112, "unrecognized name")] {
            let outcome = try Client().connect(to: [.alert(UInt8(description))])
            #expect(outcome.failure == .alert)
            #expect(outcome.seen.alert == text)
            #expect(outcome.seen.certificate == nil)
        }
    }

    @Test func `with a peer that closes or speaks no TLS fails otherwise`() throws {
        #expect(try Client().connect(to: [.drop]).failure == .closed)
        let plain = try Client().connect(to: [.send("454 4.7.0 TLS not available"), .silence])
        #expect(plain.failure == .protocolError)
        #expect(plain.error == "wrong version number")
    }
}

@Suite struct `a certificate in a handshake` {
    @Test func `must hold the name as a dNSName`() throws {
        let client = try Client()
        let other = try client.authority.issue("mx.example.com")
        #expect(try client.connect(to: other).errors == [.nameMismatch])
        let wildcard = try client.authority.issue("*.example.org")
        #expect(try client.connect(to: wildcard).errors == [])
        let nameless = try client.authority.issue { $0.commonName = host }
        #expect(try client.connect(to: nameless).errors == [.cnOnly])
    }

    @Test func `must be valid now`() throws {
        let client = try Client()
        let expired = try client.authority.issue(host) { $0.seconds = -86_400 ... -60 }
        let outcome = try client.connect(to: expired)
        #expect(outcome.errors == [.expired])
        #expect(outcome.failure == nil, "with MX hosts it is noted alone")
        let early = try client.authority.issue(host) { $0.seconds = 600...86_400 }
        #expect(try client.connect(to: early).errors == [.notYetValid])
    }

    @Test func `must come with what leads to a trusted one`() throws {
        let client = try Client()
        let intermediate = try client.authority.intermediate()
        let leaf = try client.authority.issue(host, by: intermediate)
        #expect(try client.connect(to: leaf).errors == [.chainIncomplete])
        let whole = try client.connect(to: leaf, chain: [intermediate])
        #expect(whole.errors == [])
        #expect(whole.seen.certificate?.chainLength == 2)
    }

    @Test func `of an authority that is not trusted, or of itself, is told apart`() throws {
        let (client, other) = (try Client(), try TestAuthority("Other"))
        let strange = try other.issue(host)
        #expect(try client.connect(to: strange, chain: [other.root]).errors == [.untrusted])
        let own = try Certificate(Certificate.Contents(host, names: [host]))
        #expect(try client.connect(to: own).errors == [.selfSigned])
    }

    @Test func `has each of its errors noted, the name's last`() throws {
        let client = try Client()
        var contents = Certificate.Contents("a", names: ["a.example"])
        contents.seconds = -86_400 ... -60
        let bad = try Certificate(contents)
        #expect(
            Set(try client.connect(to: bad).errors ?? [])
                == [.selfSigned, .expired, .nameMismatch])
        #expect(try client.connect(to: bad).errors?.last == .nameMismatch)
    }

}

@Suite struct `weak certificates` {
    @Test func `of SHA-1 are invalid, whatever TLSA records say`() throws {
        let client = try Client()
        let leaf = try client.authority.issue(host) { $0.digest = "SHA1" }
        #expect(try client.connect(to: leaf).errors == [.invalid])
        let pinned = try client.pinned(to: leaf).connect(to: leaf)
        #expect(pinned.errors == [.invalid])
        #expect(pinned.seen.dane?.isMatch == true)
    }

    @Test func `of RSA with 1024 bits do for MX hosts and not for policy hosts`() throws {
        var client = try Client()
        let leaf = try client.authority.issue(host) { $0.key = .rsa(bits: 1024) }
        for client in [client, client.pinned(to: leaf)] {
            let certificate = try client.connect(to: leaf).seen.certificate
            #expect(certificate?.errors == [])
            #expect(certificate?.keyType == "RSA" && certificate?.securityBits == 80)
        }
        client.profile = .policyHost
        #expect(try client.connect(to: leaf).errors == [.invalid])
    }
}

@Suite struct `TLSA records` {
    @Test func `of DANE-EE match the key, whatever else is wrong`() throws {
        let client = try Client()
        let own = try Certificate(Certificate.Contents("x", names: ["x.example"]))
        let match = try client.pinned(to: own).connect(to: own)
        #expect(match.seen.dane?.isMatch == true && match.seen.dane?.usage == 3)
        #expect(match.errors?.contains(.selfSigned) == true, "PKIX is judged apart")
        let other = try client.authority.issue(host)
        let mismatch = try client.pinned(to: own).connect(to: other)
        #expect(mismatch.seen.dane?.isMatch == false)
        #expect(mismatch.errors == [] && mismatch.failure == nil)
    }

    @Test func `of DANE-TA match an authority of the chain`() throws {
        let (client, other) = (try Client(), try TestAuthority("Other"))
        let leaf = try other.issue(host)
        let match = try client.anchored(at: other.root).connect(to: leaf, chain: [other.root])
        #expect(match.seen.dane?.isMatch == true && match.seen.dane?.usage == 2)
        #expect(match.seen.dane?.error == nil)
        let mismatch = try client.anchored(at: client.authority.root)
            .connect(to: leaf, chain: [other.root])
        #expect(mismatch.seen.dane?.isMatch == false)
    }

    /// SHA-256 of nothing.
    private static let empty: [UInt8] = [
        0xE3, 0xB0, 0xC4, 0x42, 0x98, 0xFC, 0x1C, 0x14, 0x9A, 0xFB, 0xF4, 0xC8, 0x99, 0x6F, 0xB9,
        0x24, 0x27, 0xAE, 0x41, 0xE4, 0x64, 0x9B, 0x93, 0x4C, 0xA4, 0x95, 0x99, 0x1B, 0x78, 0x52,
        0xB8, 0x55,
    ]

    @Test func `show what they are a mistake of`() throws {
        var client = try Client()
        let leaf = try client.authority.issue(host)
        let root = client.authority.root
        let records: [(TLSARecord, TLSARelation)] = [
            (.init(usage: 3, selector: 1, matchingType: 0, data: leaf.publicKey), .match),
            (.init(usage: 3, selector: 0, matchingType: 0, data: root.der), .issuer),
            (.init(usage: 2, selector: 1, matchingType: 0, data: leaf.publicKey), .leaf),
            (.init(usage: 2, selector: 1, matchingType: 0, data: root.publicKey), .match),
            (.init(usage: 3, selector: 1, matchingType: 1, data: Self.empty), .empty),
            (
                .init(
                    usage: 3, selector: 1, matchingType: 1, data: [UInt8](repeating: 1, count: 32)),
                .nothing
            ),
            (.init(usage: 3, selector: 1, matchingType: 1, data: [1]), .unusable),
            (.init(usage: 1, selector: 1, matchingType: 0, data: leaf.publicKey), .unusable),
        ]
        client.tlsa = records.map(\.0)
        let sent = try client.connect(to: leaf, chain: [root])
        #expect(sent.seen.dane?.relations == records.map(\.1))
        // The trust store has the root, which the host leaves out.
        let digest = root.publicKey.withUnsafeBytes { SHA256Digest.of($0) }
        let octets = stride(from: 0, to: 64, by: 2).compactMap { place in
            UInt8(String(Array(digest)[place..<(place + 2)]), radix: 16)
        }
        client.tlsa = [.init(usage: 2, selector: 1, matchingType: 1, data: octets)]
        let unsent = try client.connect(to: leaf)
        #expect(unsent.seen.dane?.isMatch == false && unsent.seen.dane?.relations == [.notSent])
        // A whole key is there without being sent.
        client.tlsa = [.init(usage: 2, selector: 1, matchingType: 0, data: root.publicKey)]
        let whole = try client.connect(to: leaf)
        #expect(whole.seen.dane?.isMatch == true && whole.seen.dane?.relations == [.match])
    }

    @Test func `of DANE-TA are no better than the signature by their authority`() throws {
        let (client, other) = (try Client(), try TestAuthority())
        let leaf = try other.issue(host)
        let outcome = try client.anchored(at: client.authority.root)
            .connect(to: leaf, chain: [client.authority.root])
        #expect(outcome.seen.dane?.error == .invalid, "another key of the same name has signed")
    }

    @Test func `of DANE-TA ask for dates that hold`() throws {
        let client = try Client()
        let root = client.authority.root
        let leaf = try client.authority.issue(host) { $0.seconds = -86_400 ... -60 }
        let outcome = try client.anchored(at: root).connect(to: leaf, chain: [root])
        #expect(outcome.seen.dane?.isMatch == true)
        #expect(outcome.seen.dane?.error == .expired)
    }

    @Test func `of other usages are not used`() throws {
        var client = try Client()
        let leaf = try client.authority.issue(host)
        client.tlsa = [0, 1].map {
            TLSARecord(usage: $0, selector: 1, matchingType: 0, data: leaf.publicKey)
        }
        #expect(try client.connect(to: leaf).seen.dane == nil)
    }
}
