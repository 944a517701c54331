import ConnectionLimits
import DNS
import EventLoop
import Observations
import PolicyFetch
import ScriptedServers
import TLS
import Testing

private let host = DomainName(canonical: "mta-sts.example.com")
private let loopback = IPAddress.v4(0x7F00_0001)
private let path = "/.well-known/mta-sts.txt"
private let policy = "version: STSv1\r\nmode: none\r\nmax_age: 86400\r\n"
/// libcurl is prepared once.
private let isLibraryReady: Void = PolicyFetcher.prepareLibrary()

/// Fetches as a scan does, with limits of time that only a hanging test meets.
private struct Client: Sendable {
    let authority: TestAuthority
    let trust: TrustStore
    let leaf: Certificate
    var options = PolicyFetchOptions()
    var limits = DestinationLimits()

    init() throws {
        authority = try TestAuthority()
        trust = try TrustStore(file: authority.file.path)
        leaf = try authority.issue(host.text)
        options.userAgent = "probe/1"
    }

    /// The same with limits of time, in milliseconds.
    func patient(for milliseconds: Int) -> Client {
        var client = self
        client.options.timeoutMilliseconds = milliseconds
        client.options.connectTimeoutMilliseconds = milliseconds
        return client
    }

    /// A fetcher that connects to this port, and its limiter.
    func fetcher(port: UInt16, on loop: EventLoop) -> (PolicyFetcher, ConnectionLimiter) {
        _ = isLibraryReady
        var options = options
        options.port = Int(port)
        let limiter = ConnectionLimiter(
            limits, LoopLimits(sessions: 1, slowSessions: 0, fetches: 20), on: loop)
        let fetcher = PolicyFetcher(
            options, trust: trust, from: SourceAddresses([]),
            limits: LimiterHandle(limiter, loop: 0), loop: loop)
        return (fetcher, limiter)
    }

    /// Fetches so many times, one after the other.
    func fetch(
        port: UInt16, times: Int = 1, at addresses: [IPAddress] = [loopback]
    ) throws -> [PolicyObservation] {
        try onLoop { loop in
            let fetcher = fetcher(port: port, on: loop).0
            var seen: [PolicyObservation] = []
            for _ in 0..<times { seen.append(await fetcher.observePolicy(at: addresses)) }
            return seen
        }
    }

    /// What comes of a server that plays this script; one that it does not go by is a failure.
    func fetch(_ script: [Step]) throws -> PolicyObservation {
        let server = try TCPServer(script)
        let seen = try fetch(port: server.port)
        #expect(server.faults == [])
        return try #require(seen.first)
    }

    /// What comes of a server with this response to every request.
    func fetch(_ response: HTTPResponse, _ end: Step...) throws -> PolicyObservation {
        try fetch([.startTLS(ServerTLS(leaf)), .serve([path: response])] + end)
    }

    /// What comes of a server that shows this certificate.
    func fetch(from certificate: Certificate, chain: [Certificate] = []) throws -> PolicyObservation
    {
        try fetch([
            .startTLS(ServerTLS(certificate, chain: chain)), .serve([path: HTTPResponse(policy)]),
        ])
    }
}

extension PolicyFetcher {
    fileprivate func observePolicy(
        at addresses: [IPAddress] = [loopback]
    ) async -> PolicyObservation {
        await observe(
            host, url: "https://\(host.text)\(path)",
            lookups: AddressLookup(
                a: Lookup(status: .found, records: addresses.map { .a($0) }),
                aaaa: Lookup(status: .nodata)),
            at: addresses)
    }
}

private func text(_ octets: [UInt8]?) -> String? {
    octets.map { String(decoding: $0, as: UTF8.self) }
}

@Suite struct `a policy` {
    @Test func `is fetched with what came along`() throws {
        let client = try Client()
        let server = try TCPServer([
            .startTLS(ServerTLS(client.leaf)), .serve([path: HTTPResponse(policy)]),
        ])
        let seen = try #require(try client.fetch(port: server.port).first)
        #expect(seen.status == .ok && seen.httpStatus == 200 && seen.error == nil)
        #expect(text(seen.body) == policy)
        #expect(text(seen.contentType) == "text/plain")
        #expect(seen.address == loopback && seen.location == nil && !seen.isShared)
        #expect(seen.tls?.version == "TLSv1.3")
        #expect(seen.tls?.certificate?.errors == [])
        #expect(server.lines.first == "GET \(path) HTTP/1.1")
        #expect(server.lines.contains("User-Agent: probe/1"))
    }

    @Test func `has its content type kept as it is sent`() throws {
        var response = HTTPResponse(policy)
        response.headers = ["CONTENT-TYPE:  Text/PLAIN; charset=\"x\" "]
        let seen = try Client().fetch(response)
        #expect(text(seen.contentType) == "Text/PLAIN; charset=\"x\"")
        response.headers = []
        #expect(try Client().fetch(response).contentType == nil)
    }

    @Test(
        arguments: [
            (404, .http404), (410, .http4xx), (429, .http4xx), (500, .http5xx), (503, .http5xx),
            (202, .httpOther),
        ] as [(Int, PolicyFetchStatus)])
    func `is there with status 200 alone`(code: Int, status: PolicyFetchStatus) throws {
        let seen = try Client().fetch(HTTPResponse("why", status: code))
        #expect(seen.status == status && seen.httpStatus == code)
        #expect(text(seen.body) == "why")
    }

    @Test func `is not fetched from where a redirect leads`() throws {
        let client = try Client()
        var response = HTTPResponse("", status: 301)
        response.headers = ["Location: /other"]
        let server = try TCPServer([
            .startTLS(ServerTLS(client.leaf)),
            .serve([path: response, "/other": HTTPResponse(policy)]),
        ])
        let seen = try #require(try client.fetch(port: server.port).first)
        #expect(seen.status == .http3xx && text(seen.location) == "/other")
        #expect(server.connections == 1)
        #expect(server.lines.filter { $0.hasPrefix("GET") } == ["GET \(path) HTTP/1.1"])
    }

    @Test func `is whole as its framing says`() throws {
        let client = try Client()
        let chunked = try client.fetch(HTTPResponse(policy, framing: .chunks(7)))
        #expect(chunked.status == .ok && text(chunked.body) == policy)
        let cut = try client.fetch(HTTPResponse(policy, framing: .cutShort(by: 5)))
        #expect(cut.status == .httpClosed && text(cut.body) == policy)
        // RFC 9112 §9.8: the end of TLS tells the end of the body.
        let ended = try client.fetch(HTTPResponse(policy, framing: .close))
        #expect(ended.status == .ok && text(ended.body) == policy)
        let broken = try client.fetch(HTTPResponse(policy, framing: .close), .drop)
        #expect(broken.status == .httpClosed)
        let torn = try client.fetch([
            .startTLS(ServerTLS(client.leaf)), .expect("GET"),
            .send("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "5", "versi"), .drop,
        ])
        #expect(torn.status == .httpClosed && text(torn.body) == "versi")
    }

    @Test func `of two lengths that differ breaks the rules of HTTP`() throws {
        let client = try Client()
        for (first, second) in [(0, 1), (1, 0), (0, -5)] {
            let seen = try client.fetch(HTTPResponse(policy, framing: .twoLengths(first, second)))
            #expect(seen.status == .httpProtocol)
        }
        let equal = try client.fetch(HTTPResponse(policy, framing: .twoLengths(0, 0)))
        #expect(equal.status == .ok)
    }

    @Test func `of more than 64 KiB is too large`() throws {
        let client = try Client()
        for framing in [HTTPResponse.Framing.length, .chunks(10_000)] {
            let most = String(repeating: "x", count: 65_536)
            let whole = try client.fetch(HTTPResponse(most, framing: framing))
            #expect(whole.status == .ok && whole.body?.count == 65_536)
            let more = try client.fetch(HTTPResponse(most + "x", framing: framing))
            #expect(more.status == .tooLarge && more.body?.count == 65_536)
        }
    }
}

@Suite struct `a policy host` {
    @Test func `that is silent has so long`() throws {
        let client = try Client().patient(for: 600)
        let tls = Step.startTLS(ServerTLS(client.leaf))
        let http = try client.fetch([tls, .silence])
        #expect(http.status == .httpTimeout && http.tls?.version == "TLSv1.3")
        #expect(http.durationMS >= 600)
        let torn: [Step] = [
            .expect("GET"), .send("HTTP/1.1 200 OK", "Content-Length: 9", "", "vers"),
        ]
        #expect(try client.fetch([tls] + torn + [.silence]).status == .httpTimeout)
        #expect(try client.patient(for: 200).fetch([.silence]).status == .tlsTimeout)
        let full = try FullPort()
        #expect(try client.patient(for: 100).fetch(port: full.port).first?.status == .tcpTimeout)
    }

    @Test(arguments: ["4, 5", "+4", "4 4", "0x4", "", "4,"])
    func `is none where its length is none`(length: String) throws {
        let client = try Client()
        let seen = try client.fetch([
            .startTLS(ServerTLS(client.leaf)), .expect("GET"),
            .send("HTTP/1.1 200 OK", "Content-Length: \(length)", "", "vers"),
        ])
        #expect(seen.status == .httpProtocol)
        #expect(seen.error?.contains("Content-Length") == true)
    }

    @Test func `says no times in what went wrong`() throws {
        let client = try Client().patient(for: 2000)
        let late = try client.fetch([
            .startTLS(ServerTLS(client.leaf)), .expect("GET"), .silence,
        ])
        #expect(late.error == "Operation timed out with 0 bytes received")
    }

    @Test func `is asked for nothing where its certificate does not verify`() throws {
        let client = try Client()
        let (authority, other) = (client.authority, try TestAuthority("Other"))
        let expired = try authority.issue(host.text) { $0.seconds = -86_400 ... -60 }
        let intermediate = try authority.intermediate()
        let incomplete = try authority.issue(host.text, by: intermediate)
        let alone = try authority.issue(host.text, by: intermediate) {
            $0.seconds = -86_400 ... -60
        }
        let old = try client.fetch(from: alone)
        #expect(old.status == .tlsExpired && old.error == "certificate has expired")
        #expect(old.tls?.certificate?.errors == [.expired, .chainIncomplete])
        let name = try client.fetch(from: try authority.issue("example.com"))
        #expect(name.status == .tlsName && name.httpStatus == nil && name.body == nil)
        #expect(name.tls?.certificate?.names == ["example.com"])
        #expect(name.error != nil)
        #expect(try client.fetch(from: expired).status == .tlsExpired)
        #expect(try client.fetch(from: incomplete).status == .tlsChainIncomplete)
        #expect(try client.fetch(from: incomplete, chain: [intermediate]).status == .ok)
        let strange = try other.issue(host.text)
        #expect(try client.fetch(from: strange, chain: [other.root]).status == .tlsUntrusted)
        let own = try Certificate(Certificate.Contents("x", names: [host.text]))
        #expect(try client.fetch(from: own).status == .tlsSelfSigned)
        let nameless = try authority.issue { $0.commonName = host.text }
        #expect(try client.fetch(from: nameless).status == .tlsCNOnly)
        let weak = try authority.issue(host.text) { $0.key = .rsa(bits: 1024) }
        #expect(try client.fetch(from: weak).status == .tlsInvalid)
    }

    @Test func `that breaks off has its words kept`() throws {
        let client = try Client()
        let alert = try client.fetch([.alert(112)])
        #expect(alert.status == .tlsAlert && alert.tls?.alert == "unrecognized name")
        #expect(try client.fetch([.drop]).status == .tlsClosed)
        let plain = try client.fetch([.send("HTTP/1.1 400 Bad Request", ""), .silence])
        #expect(plain.status == .tlsProtocol)
        let tls = Step.startTLS(ServerTLS(client.leaf))
        #expect(try client.fetch([tls, .expect("GET")]).status == .httpClosed)
        let closed = try ClosedPort()
        #expect(try client.fetch(port: closed.port).first?.status == .tcpRefused)
    }
}

@Suite struct `a policy host of several addresses` {
    private let others = (2...4).map { IPAddress.v4(0x7F00_0000 + $0) }

    @Test func `is reached at the first that answers, each having its own time`() throws {
        var client = try Client()
        client.options.connectTimeoutMilliseconds = 300
        let server = try TCPServer([
            .startTLS(ServerTLS(client.leaf)), .serve([path: HTTPResponse(policy)]),
        ])
        let silent = try others.prefix(2).map { try FullPort(at: $0, port: server.port) }
        let addresses = others.prefix(2) + [loopback]
        let seen = try #require(try client.fetch(port: server.port, at: Array(addresses)).first)
        #expect(seen.status == .ok && seen.address == loopback)
        #expect(seen.durationMS >= 600)
        #expect(silent.count == 2)
    }

    @Test func `has the time of the whole fetch at most`() throws {
        var client = try Client()
        client.options.connectTimeoutMilliseconds = 300
        client.options.timeoutMilliseconds = 500
        let full = try FullPort(at: others[0])
        let silent = try others.dropFirst().map { try FullPort(at: $0, port: full.port) }
        let seen = try #require(try client.fetch(port: full.port, at: others).first)
        #expect(seen.status == .tcpTimeout && (500..<1500).contains(seen.durationMS))
        #expect(silent.count == 2)
    }

    @Test func `is not asked at another where one has answered`() throws {
        let client = try Client().patient(for: 2000)
        let server = try TCPServer([.alert(112)])
        let seen = try client.fetch(port: server.port, at: [others[0], loopback, others[1]])
        #expect(seen.map(\.status) == [.tlsAlert])
        #expect(server.connections == 1)
    }
}

@Suite struct `HTTP/2` {
    /// The server's SETTINGS, empty, then a frame on a stream (RFC 9113 §4.1, §6).
    private func frames(_ type: UInt8, stream: UInt8, _ payload: [UInt8]) -> Step {
        .sendOctets(
            [0, 0, 0, 4, 0, 0, 0, 0, 0] + [0, 0, UInt8(payload.count), type, 0, 0, 0, 0, stream]
                + payload)
    }

    /// What comes of a server that answers by a frame, and on how many connections.
    private func fetch(_ answer: Step, _ end: Step) throws -> (PolicyObservation, Int) {
        let client = try Client().patient(for: 3000)
        var tls = ServerTLS(client.leaf)
        tls.agreesToHTTP2 = true
        let server = try TCPServer([.startTLS(tls), .expect("PRI * HTTP/2.0"), answer, end])
        let seen = try #require(try client.fetch(port: server.port).first)
        return (seen, server.connections)
    }

    @Test func `that goes away without an error is a closed connection, retried later`() throws {
        for (last, end): (UInt8, Step) in [(0, .silence), (0, .drop), (1, .drop), (1, .reset)] {
            let payload: [UInt8] = [0, 0, 0, last, 0, 0, 0, 0]
            let (seen, connections) = try fetch(frames(7, stream: 0, payload), end)
            #expect(seen.status == .httpClosed && seen.status.isTransient, "\(last) \(end)")
            #expect(connections == 1)
        }
    }

    @Test func `that refuses the stream is asked once an attempt`() throws {
        let (seen, connections) = try fetch(frames(3, stream: 1, [0, 0, 0, 7]), .silence)
        #expect(seen.status == .httpClosed && seen.error != nil)
        #expect(connections == 1)
    }
}

@Suite struct `a content coding` {
    private func response(_ coding: String) -> HTTPResponse {
        var response = HTTPResponse(policy)
        response.headers.append("Content-Encoding: \(coding)")
        return response
    }

    @Test func `that nobody knows leaves the body as it is sent`() throws {
        let client = try Client()
        for coding in ["x-none", "gzip", "identity, x-none"] {
            let server = try TCPServer([
                .startTLS(ServerTLS(client.leaf)), .serve([path: response(coding)]),
            ])
            let seen = try #require(try client.fetch(port: server.port).first)
            #expect(seen.status == .httpProtocol && seen.isBodyCoded)
            #expect(text(seen.contentEncoding) == coding && text(seen.body) == policy)
            #expect(server.connections == 2)
        }
    }

    @Test func `of none changes nothing`() throws {
        let seen = try Client().fetch(response("identity"))
        #expect(seen.status == .ok && !seen.isBodyCoded && text(seen.body) == policy)
        #expect(text(seen.contentEncoding) == "identity")
    }
}

@Suite struct `fetches at one address` {
    @Test func `are as many at once as the limit says`() throws {
        var client = try Client()
        client.limits.includesLoopback = true
        client.limits.fetchAddress = Limit(atOnce: 2, perSecond: 0)
        let gate = Gate()
        let server = try TCPServer([
            .hold(gate), .startTLS(ServerTLS(client.leaf)), .serve([path: HTTPResponse(policy)]),
        ])
        let scan = client
        try onLoop { loop in
            let (made, limiter) = scan.fetcher(port: server.port, on: loop)
            // The tasks run on the loop that the fetcher lives on.
            nonisolated(unsafe) let fetcher = made
            let fetches = (0..<4).map { _ in
                Task(executorPreference: loop) { await fetcher.observePolicy().status }
            }
            #expect(
                await loop.wait {
                    await limiter.stats.waiting == 2 && server.connections == 2
                })
            #expect(fetcher.inFlight == 2)
            gate.open()
            for fetch in fetches { #expect(await fetch.value == .ok) }
            #expect(server.connections == 4)
            #expect(await limiter.stats.waiting == 0)
        }
    }

    @Test func `are not made where others have failed just now`() throws {
        var client = try Client().patient(for: 100)
        client.limits.includesLoopback = true
        client.limits.sharedFailures = 2
        let full = try FullPort()
        let seen = try client.fetch(port: full.port, times: 3)
        #expect(seen.map(\.status) == [.tcpTimeout, .tcpTimeout, .tcpTimeout])
        #expect(seen.map(\.isShared) == [false, false, true])
    }
}
