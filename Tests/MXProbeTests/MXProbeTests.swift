import ConnectionLimits
import DNS
import EventLoop
import MXProbe
import Observations
import SMTP
import ScriptedServers
import TLS
import Testing

private let host = DomainName(canonical: "mx.example")
private let loopback = IPAddress.v4(0x7F00_0001)
private let neighbour = IPAddress.v4(0x7F00_0002)

private let greeting = Step.send("220 mx.example ESMTP")
private let ehlo = Step.expect("EHLO probe.example")
private let offer = Step.send("250-mx.example", "250-SIZE 1000", "250 STARTTLS")
private let startTLS = [greeting, ehlo, offer, .expect("STARTTLS")]
private let quit = [Step.expect("QUIT"), .send("221 2.0.0 Bye")]

/// A session that goes as it should.
private func wholeSession(_ tls: ServerTLS) -> [Step] {
    startTLS + [.send("220 2.0.0 Ready"), .startTLS(tls), ehlo]
        + [.send("250-mx.example", "250 REQUIRETLS")] + quit
}

/// Probes as a scan does, with limits of time that only a hanging test meets.
private struct Client: Sendable {
    let authority: TestAuthority
    let trust: TrustStore
    let leaf: Certificate
    var options = ProbeOptions()
    var loopLimits = LoopLimits(sessions: 10, slowSessions: 10, fetches: 1)
    var limits = DestinationLimits()
    var tlsa: [TLSARecord] = []
    var tlsaBase = host

    init() throws {
        authority = try TestAuthority()
        trust = try TrustStore(file: authority.file.path)
        leaf = try authority.issue(host.text)
        options.ehloName = "probe.example"
    }

    var tls: ServerTLS { ServerTLS(leaf) }

    /// The same with a limit for each wait, in milliseconds.
    func patient(for milliseconds: Int) -> Client {
        var client = self
        client.options.connectTimeoutMilliseconds = milliseconds
        client.options.replyTimeoutMilliseconds = milliseconds
        return client
    }

    func target(_ addresses: [IPAddress]) -> ProbeTarget {
        ProbeTarget(host, tlsaBase: tlsaBase, tlsa: tlsa, at: addresses, below: "example")
    }

    /// A prober that connects to this port, and its limiter.
    func prober(port: UInt16, on loop: EventLoop) -> (MXProber, ConnectionLimiter) {
        var options = options
        options.port = port
        let limiter = ConnectionLimiter(limits, loopLimits, on: loop)
        let prober = MXProber(
            options, trust: trust, from: SourceAddresses([]),
            limits: LimiterHandle(limiter, loop: 0), loop: loop)
        return (prober, limiter)
    }

    /// The sessions with the addresses, at this port.
    func probe(
        port: UInt16, at addresses: IPAddress..., refusing refused: IPAddress? = nil
    ) throws -> [SessionObservation] {
        try onLoop { loop in
            await prober(port: port, on: loop).0.observe(target(addresses)) {
                $0 == refused ? .blocked : nil
            }
        }
    }

    /// The session with a server that plays this script; one that it does not go by is a failure.
    func probe(_ script: [Step]) throws -> SessionObservation {
        let server = try TCPServer(script)
        let sessions = try probe(port: server.port, at: loopback)
        #expect(server.faults == [])
        return try #require(sessions.first)
    }
}

private func text(_ octets: [UInt8]?) -> String? {
    octets.map { String(decoding: $0, as: UTF8.self) }
}

private func text(_ reply: ReplyText?) -> String? { text(reply?.bytes) }

@Suite struct `a session with an MX host` {
    @Test func `ends after the second EHLO, and has seen all`() throws {
        let client = try Client()
        let server = try TCPServer(wholeSession(client.tls))
        let seen = try #require(try client.probe(port: server.port, at: loopback).first)
        #expect(seen.status == .ok && seen.error == nil)
        #expect(seen.observed == .direct && seen.address == loopback)
        #expect(text(seen.replies.greeting) == "220 mx.example ESMTP")
        #expect(seen.extensions.map { text($0) } == ["SIZE 1000", "STARTTLS"])
        #expect(text(seen.replies.starttls) == "220 2.0.0 Ready")
        #expect(seen.tlsExtensions.map { text($0) } == ["REQUIRETLS"])
        #expect(seen.offersREQUIRETLS == true && seen.serverName == host && seen.deviations == [])
        let replies = seen.replies
        #expect(replies.greeting?.code == 220 && replies.ehlo?.code == 250)
        #expect(replies.secureEHLO?.code == 250)
        #expect(text(replies.ehlo) == "250-mx.example\n250-SIZE 1000\n250 STARTTLS")
        #expect(text(replies.secureEHLO) == "250-mx.example\n250 REQUIRETLS")
        #expect(!seen.hasPlaintextAfterStartTLS)
        #expect(seen.tls?.version == "TLSv1.3")
        #expect(seen.tls?.certificate?.names == [host.text])
        #expect(seen.tls?.certificate?.errors == [])
        #expect(try onLoop { await $0.wait { server.lines.count == 4 } })
        #expect(
            server.lines == ["EHLO probe.example", "STARTTLS", "EHLO probe.example", "QUIT"])
    }

    @Test func `notes a certificate that does not verify, and goes on`() throws {
        var client = try Client()
        let leaf = try client.authority.issue("other.example")
        client.tlsa = [
            TLSARecord(usage: 3, selector: 1, matchingType: 0, data: leaf.publicKey)
        ]
        let seen = try client.probe(wholeSession(ServerTLS(leaf)))
        #expect(seen.status == .ok)
        #expect(seen.tls?.certificate?.errors == [.nameMismatch])
        #expect(seen.tls?.dane?.isMatch == true)
        #expect(seen.tlsExtensions.map { text($0) } == ["REQUIRETLS"])
    }

    @Test func `takes replies of several lines, however they arrive`() throws {
        let client = try Client()
        let seen = try client.probe(
            [.send("220-mx.example"), .send("220-takes mail"), .send("220 from all"), ehlo]
                + [.sendOctets(Array("250-mx.exa".utf8)), .sendOctets(Array("mple\r\n25".utf8))]
                + [.send("0 HELP")] + quit)
        #expect(seen.status == .starttlsNotOffered)
        #expect(text(seen.replies.greeting) == "220-mx.example\n220-takes mail\n220 from all")
        #expect(seen.extensions.map { text($0) } == ["HELP"])
    }

    @Test func `is none where the greeting is a refusal`() throws {
        let client = try Client()
        let later = try client.probe([.send("450 4.3.2 Later")] + quit)
        #expect(later.status == .greeting4xx && text(later.replies.greeting) == "450 4.3.2 Later")
        #expect(try client.probe([.send("554 No SMTP here")] + quit).status == .greeting5xx)
        // RFC 5321 §3.8: after 421 the server closes by itself.
        #expect(try client.probe([.send("421 4.3.2 Busy"), .silence]).status == .greeting4xx)
    }

    @Test func `is none where no greeting comes`() throws {
        let client = try Client()
        #expect(try client.patient(for: 100).probe([.silence]).status == .greetingTimeout)
        #expect(try client.probe([]).status == .greetingClosed)
        #expect(try client.probe([.send("SSH-2.0-x"), .silence]).status == .notSMTP)
    }

    @Test func `is none where TCP brings none`() throws {
        let client = try Client()
        let (closed, full) = (try ClosedPort(), try FullPort())
        #expect(try client.probe(port: closed.port, at: loopback).first?.status == .tcpRefused)
        let timeout = try client.patient(for: 100).probe(port: full.port, at: loopback).first
        #expect(timeout?.status == .tcpTimeout)
    }

    @Test func `ends where EHLO is not answered`() throws {
        let client = try Client()
        func end(_ reply: String) throws -> ProbeStatus {
            let seen = try client.probe([greeting, ehlo, .send(reply)] + quit)
            #expect(text(seen.replies.ehlo) == reply && seen.extensions == [])
            #expect(seen.replies.ehlo?.code == Int(reply.prefix(3)))
            return seen.status
        }
        #expect(try end("502 5.5.1 What?") == .starttlsNotOffered)
        #expect(try end("451 4.3.0 Not now") == .ehlo4xx)
        #expect(try end("550 5.7.1 Not you") == .ehlo5xx)
        // RFC 5321 §3.8: after 421 the server closes by itself.
        let busy = try client.probe([greeting, ehlo, .send("421 4.7.0 Too many"), .silence])
        #expect(busy.status == .ehlo4xx && busy.replies.ehlo?.code == 421)
        let silent = try client.patient(for: 400).probe([greeting, ehlo, .silence])
        #expect(silent.status == .ehloTimeout)
        #expect(try client.probe([greeting, ehlo]).status == .ehloClosed)
        let reset = try client.probe([greeting, ehlo, .reset])
        #expect(reset.status == .ehloClosed && reset.error == "Connection reset by peer")
    }

    @Test func `ends where STARTTLS is not to be had`() throws {
        let client = try Client()
        let bare = [greeting, ehlo, .send("250-mx.example", "250 SIZE")] + quit
        #expect(try client.probe(bare).status == .starttlsNotOffered)
        let stripped = [greeting, ehlo, .send("250-mx.example", "250 XXXXXXXA")] + quit
        #expect(try client.probe(stripped).status == .starttlsStripped)
        let later = try client.probe(startTLS + [.send("454 4.7.0 No TLS now")] + quit)
        #expect(later.status == .starttls4xx)
        #expect(text(later.replies.starttls) == "454 4.7.0 No TLS now")
        let never = try client.probe(startTLS + [.send("501 5.5.4 Syntax")] + quit)
        #expect(never.status == .starttls5xx)
        let silent = try client.patient(for: 400).probe(startTLS + [.silence])
        #expect(silent.status == .starttlsTimeout)
        #expect(try client.probe(startTLS).status == .starttlsClosed)
    }

    @Test func `discards what comes in clear text after STARTTLS, and notes that`() throws {
        let client = try Client()
        let seen = try client.probe(
            startTLS + [.send("220 2.0.0 Ready", "250 injected"), .startTLS(client.tls), ehlo]
                + [.send("250-mx.example", "250 HELP")] + quit)
        #expect(seen.status == .ok && seen.hasPlaintextAfterStartTLS)
        #expect(seen.tlsExtensions.map { text($0) } == ["HELP"])
    }

    @Test func `ends where the handshake does`() throws {
        let client = try Client()
        func after(_ steps: Step..., within limit: Int = 10_000) throws -> SessionObservation {
            try client.patient(for: limit).probe(startTLS + [.send("220 Ready")] + steps)
        }
        let alert = try after(.alert(40))
        #expect(alert.status == .tlsAlert && alert.tls?.alert == "handshake failure")
        #expect(try after(.drop).status == .tlsClosed)
        #expect(try after(.send("500 What?"), .silence).status == .tlsProtocol)
        #expect(try after(.silence, within: 400).status == .tlsTimeout)
    }

    @Test func `names a peer that has old versions alone`() throws {
        let client = try Client()
        let alert = try client.probe(startTLS + [.send("220 Ready"), .alert(70)])
        #expect(alert.status == .tlsOldVersion && alert.tls?.alertCode == 70)
        #expect(alert.tls?.version == nil)
        for (minor, version) in [(1, "TLSv1"), (2, "TLSv1.1")] as [(UInt8, String)] {
            let seen = try client.probe(
                startTLS + [.send("220 Ready"), .hello(minor: minor), .silence])
            #expect(seen.status == .tlsOldVersion && seen.tls?.version == version)
            #expect(seen.tls?.alert == nil)
        }
    }

    @Test func `keeps the number of an alert that has no name`() throws {
        let client = try Client()
        func alert(_ code: UInt8) throws -> TLSObservation? {
            let seen = try client.probe(startTLS + [.send("220 Ready"), .alert(code)])
            #expect(seen.status == .tlsAlert)
            return seen.tls
        }
        #expect(try alert(116)?.alert == "certificate required")
        let other = try alert(200)
        #expect(other?.alert == "unknown" && other?.alertCode == 200)
    }
}

@Suite struct `a session after the handshake` {
    private func end(
        of client: Client, _ steps: Step..., tls: ServerTLS? = nil
    ) throws -> SessionObservation {
        let begin = startTLS + [.send("220 Ready"), .startTLS(tls ?? client.tls)]
        let server = try TCPServer(begin + steps)
        return try #require(try client.probe(port: server.port, at: loopback).first)
    }

    @Test func `is not ok where the peer falls silent or closes`() throws {
        let client = try Client()
        let silent = try end(of: client.patient(for: 600), ehlo, .silence)
        #expect(silent.status == .tlsEHLOTimeout)
        #expect(silent.tls?.certificate?.errors == [] && silent.offersREQUIRETLS == nil)
        #expect(try end(of: client, ehlo).status == .tlsEHLOClosed)
        #expect(try end(of: client, .drop).status == .tlsEHLOClosed)
        #expect(try end(of: client, .reset).status == .tlsEHLOClosed)
    }

    @Test(arguments: ["250 mx.example", "421 4.3.2 Busy", "502 5.5.1 What?"])
    func `is ok where the peer replies, whatever it says`(reply: String) throws {
        let client = try Client()
        let seen = try end(of: client, ehlo, .send(reply), .expect("QUIT"))
        #expect(seen.status == .ok && seen.replies.secureEHLO?.code == Int(reply.prefix(3)))
        #expect(seen.offersREQUIRETLS == (reply.hasPrefix("250") ? false : nil))
    }

    @Test(arguments: [true, false])
    func `is refused by a peer that wants a certificate of its client`(isOld: Bool) throws {
        let client = try Client()
        let tls = ServerTLS(client.leaf, client: .required, isOld: isOld)
        let seen = try end(of: client, ehlo, tls: tls)
        #expect(seen.status == .tlsAlert)
        #expect(seen.tls?.alertCode == (isOld ? 40 : 116))
        #expect(seen.tls?.alert == (isOld ? "handshake failure" : "certificate required"))
        #expect(seen.tls?.certificate?.errors == [])
    }

    @Test func `is ok where such a certificate is asked for and not required`() throws {
        let client = try Client()
        let tls = ServerTLS(client.leaf, client: .asked)
        let seen = try end(of: client, ehlo, .send("250 mx"), .expect("QUIT"), tls: tls)
        #expect(seen.status == .ok)
    }
}

@Suite struct `replies that senders take` {
    private func seen(
        _ greeting: Step, _ offer: Step, go: String = "220 Ready"
    ) throws -> SessionObservation {
        let client = try Client()
        return try client.probe(
            [greeting, ehlo, offer, .expect("STARTTLS"), .send(go), .startTLS(client.tls), ehlo]
                + [.send("250 mx")] + quit)
    }

    @Test func `lead to TLS, and it is noted how they differ`() throws {
        let banner = "220 " + String(repeating: "x", count: 5000)
        let long = try seen(.send(banner), offer)
        #expect(long.status == .ok && long.deviations == [.longLine])
        #expect(long.replies.greeting?.bytes.count == ReplyParser.lineOctetsMax)
        let null = try seen(.send("220 mx\u{0}.example"), offer)
        #expect(null.status == .ok && null.deviations == [.controlOctet])
        let lines = (1...150).map { "250-X-\($0)\r\n" }.joined() + "250-STARTTLS\r\n250 HELP\r\n"
        let many = try seen(greeting, .sendOctets(Array(lines.utf8)))
        #expect(many.status == .ok && many.deviations == [] && many.extensions.count == 151)
        let mixed = try seen(.send("220-mx", "250 example"), .send("220-mx", "250 STARTTLS"))
        #expect(mixed.status == .ok && mixed.deviations == [.mixedCodes, .greetingCode])
    }

    @Test func `lead to TLS that the RFC does not have`() throws {
        let other = try seen(greeting, offer, go: "250 Go on")
        #expect(other.status == .starttls2xx && other.replies.starttls?.code == 250)
        #expect(other.tls?.certificate?.errors == [])
    }
}

@Suite struct `a host of several addresses` {
    @Test func `is probed at the next where one is silent`() throws {
        let client = try Client()
        let (silent, good) = try TCPServer.pair([.silence], wholeSession(client.tls))
        let sessions = try client.patient(for: 800)
            .probe(port: silent.port, at: loopback, neighbour)
        #expect(sessions.map(\.status) == [.greetingTimeout, .ok])
        #expect(sessions.map(\.address) == [loopback, neighbour])
        #expect(silent.connections == 1 && good.connections == 1)
    }

    @Test func `is probed at the next where one refuses this client`() throws {
        let client = try Client()
        for refusal in ["421 4.7.0 Too many", "450 Later", "554 No"] {
            let (first, second) = try TCPServer.pair(
                [greeting, ehlo, .send(refusal), .silence], wholeSession(client.tls))
            let sessions = try client.probe(port: first.port, at: loopback, neighbour)
            #expect(sessions.map(\.status) == [refusal.hasPrefix("5") ? .ehlo5xx : .ehlo4xx, .ok])
            #expect(first.connections == 1 && second.connections == 1)
        }
    }

    @Test func `is probed at the next where a certificate does not verify`() throws {
        let client = try Client()
        let other = try client.authority.issue("other.example")
        let (first, second) = try TCPServer.pair(
            wholeSession(ServerTLS(other)), wholeSession(client.tls))
        let sessions = try client.probe(port: first.port, at: loopback, neighbour)
        #expect(sessions.map(\.status) == [.ok, .ok])
        #expect(sessions.map { $0.tls?.certificate?.errors } == [[.nameMismatch], []])
        #expect(first.connections == 1 && second.connections == 1)
    }

    @Test func `is probed at one that is good, or at all where that is wanted`() throws {
        var client = try Client()
        let (first, second) = try TCPServer.pair(
            wholeSession(client.tls), [.send("554 No")] + quit)
        let one = try client.probe(port: first.port, at: loopback, neighbour)
        #expect(one.map(\.status) == [.ok, .notProbed])
        #expect(second.connections == 0)
        client.options.probesAllAddresses = true
        let all = try client.probe(port: first.port, at: loopback, neighbour)
        #expect(all.map(\.status) == [.ok, .greeting5xx])
    }

    @Test func `is probed at so many of a family, and no more`() throws {
        var client = try Client()
        client.options.addressesPerFamily = 1
        let (first, second) = try TCPServer.pair(
            [.send("554 No")] + quit, wholeSession(client.tls))
        let sessions = try client.probe(port: first.port, at: loopback, neighbour)
        #expect(sessions.map(\.status) == [.greeting5xx, .notProbed])
        #expect(second.connections == 0)
    }

    @Test func `is asked for by both of its names where TLSA stands at another`() throws {
        var client = try Client()
        client.tlsaBase = DomainName(canonical: "base.example")
        client.tlsa = [
            TLSARecord(usage: 3, selector: 1, matchingType: 0, data: client.leaf.publicKey)
        ]
        let server = try TCPServer(wholeSession(client.tls))
        let sessions = try client.probe(port: server.port, at: loopback)
        #expect(sessions.map(\.serverName) == [client.tlsaBase, host])
        #expect(sessions.map { $0.tls?.dane?.isMatch } == [true, nil])
        #expect(server.connections == 2)
        // One connection is enough where the names are the same, or where TLS is not begun.
        client.tlsaBase = host
        #expect(try client.probe(port: server.port, at: loopback).map(\.serverName) == [host])
        #expect(server.connections == 3)
        client.tlsaBase = DomainName(canonical: "base.example")
        let plain = try TCPServer([greeting, ehlo, .send("250 mx")] + quit)
        #expect(try client.probe(port: plain.port, at: loopback).map(\.serverName) == [nil])
        #expect(plain.connections == 1)
    }

    @Test func `is not probed again at one where others have failed just now`() throws {
        var client = try Client().patient(for: 100)
        client.limits.includesLoopback = true
        client.limits.sharedFailures = 2
        let server = try TCPServer([.silence])
        let scan = client
        let sessions = try onLoop { loop in
            let prober = scan.prober(port: server.port, on: loop).0
            var sessions: [SessionObservation] = []
            for _ in 0..<3 {
                sessions += await prober.observe(scan.target([loopback])) { _ in nil }
            }
            return sessions
        }
        #expect(sessions.map(\.status) == Array(repeating: .greetingTimeout, count: 3))
        #expect(sessions.map(\.observed) == [.direct, .direct, .shared])
        #expect(sessions.last?.error?.contains("found 2 times in a row") == true)
        #expect(server.connections == 2)
    }

    @Test func `is left alone at those that are refused`() throws {
        let client = try Client()
        let (first, second) = try TCPServer.pair([], wholeSession(client.tls))
        let sessions = try client.probe(
            port: first.port, at: loopback, neighbour, refusing: loopback)
        #expect(sessions.map(\.status) == [.blocked, .ok])
        #expect(first.connections == 0 && second.connections == 1)
    }
}

/// Two hosts of one loop that has one slot, the first of which answers when a gate is open.
private struct SlowAndQuick {
    let gate = Gate()
    let slow: TCPServer
    let quick: TCPServer
    var client: Client

    init(slowSessions: Int) throws {
        client = try Client()
        client.options.slowMilliseconds = 20
        client.loopLimits = LoopLimits(sessions: 1, slowSessions: slowSessions, fetches: 1)
        let session = wholeSession(client.tls)
        (slow, quick) = try TCPServer.pair([.hold(gate)] + session, session)
    }
}

@Suite struct `a slow session` {
    @Test func `gives its slot to another, and takes one back when its peer answers`() throws {
        let hosts = try SlowAndQuick(slowSessions: 1)
        let (client, gate, port) = (hosts.client, hosts.gate, hosts.slow.port)
        try onLoop { loop in
            // The tasks run on the loop that the prober lives on.
            nonisolated(unsafe) let prober = client.prober(port: port, on: loop).0
            let slow = Task(executorPreference: loop) {
                await prober.observe(client.target([loopback])) { _ in nil }
            }
            #expect(await loop.wait { prober.slow == 1 })
            #expect(prober.inFlight == 0)
            let quick = await prober.observe(client.target([neighbour])) { _ in nil }
            #expect(quick.map(\.status) == [.ok])
            #expect(prober.slow == 1, "the slow one still stands")
            gate.open()
            #expect(await slow.value.map(\.status) == [.ok])
            #expect(prober.slow == 0 && prober.inFlight == 0)
        }
    }

    @Test func `keeps its slot where no slow one is free`() throws {
        let hosts = try SlowAndQuick(slowSessions: 0)
        let (client, gate, port) = (hosts.client, hosts.gate, hosts.slow.port)
        let (first, second) = (hosts.slow, hosts.quick)
        try onLoop { loop in
            let (made, limiter) = client.prober(port: port, on: loop)
            nonisolated(unsafe) let prober = made
            let slow = Task(executorPreference: loop) {
                await prober.observe(client.target([loopback])) { _ in nil }
            }
            #expect(await loop.wait { first.connections == 1 })
            let quick = Task(executorPreference: loop) {
                await prober.observe(client.target([neighbour])) { _ in nil }
            }
            #expect(await loop.wait { await limiter.stats.waitsForLoop == 1 })
            await loop.sleep(until: loop.now.advanced(milliseconds: 60))
            #expect(prober.slow == 0 && second.connections == 0)
            gate.open()
            #expect(await slow.value.map(\.status) == [.ok])
            #expect(await quick.value.map(\.status) == [.ok])
        }
    }
}
