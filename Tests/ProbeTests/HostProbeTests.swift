import DNS
import Judgement
import Observations
import Probe
import Testing

private let addressQuestions = "ask A mx.example, AAAA mx.example"
private let secure = addresses("192.0.2.1", isAuthenticated: true)
private let secureNone = Lookup(status: .nodata, isAuthenticated: true)

@Suite struct `the order of a host's observation` {
    @Test func `without authenticated addresses no TLSA record is asked for`() throws {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(
            addresses("192.0.2.1"), addresses("2001:db8::1"),
            expect: "connect to 192.0.2.1, 2001:db8::1")
        host.now = Moment(milliseconds: 250, unixSeconds: 1001)
        host.on(
            .connected([try session("192.0.2.1", .ok)]),
            expect: "finished in round 1: ok at 1000 for 250 ms")
    }

    @Test func `where AD bits do not count no TLSA record is asked for`() {
        var host = HostTranscript(by: .test(trustsAD: false))
        host.on(.begin, expect: addressQuestions)
        host.answers(secure, secureNone, expect: "connect to 192.0.2.1")
    }

    @Test func `authenticated TLSA records go into the handshake`() throws {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(secure, secureNone, expect: "ask TLSA _25._tcp.mx.example")
        host.answers(tlsa(), expect: "connect to 192.0.2.1 with 1 TLSA")
        host.on(
            .connected([try session("192.0.2.1", .ok)]),
            expect: "finished in round 1: ok, TLSA of mx.example at 1000 for 0 ms")
    }

    @Test func `TLSA records that are not authenticated do not`() {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(secure, secureNone, expect: "ask TLSA _25._tcp.mx.example")
        host.answers(tlsa(isAuthenticated: false), expect: "connect to 192.0.2.1")
    }

    @Test func `the end of the aliases is asked first, and gets a session of its own`() {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(
            addresses("192.0.2.1", aliases: ["b.example", "c.example"], isAuthenticated: true),
            secureNone, expect: "ask TLSA _25._tcp.c.example")
        host.answers(tlsa(), expect: "connect to 192.0.2.1 as c.example, too, with 1 TLSA")
    }

    @Test func `where the end of the aliases has none the name itself is asked`() {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(
            addresses("192.0.2.1", aliases: ["c.example"], isAuthenticated: true), secureNone,
            expect: "ask TLSA _25._tcp.c.example")
        host.answers(none, expect: "ask TLSA _25._tcp.mx.example")
        host.answers(tlsa(), expect: "connect to 192.0.2.1 with 1 TLSA")
    }

    @Test func `where the end of the aliases gives no answer the name itself is not asked`() throws
    {
        var host = HostTranscript(by: .test(retryDelays: []))
        host.on(.begin, expect: addressQuestions)
        host.answers(
            addresses("192.0.2.1", aliases: ["c.example"], isAuthenticated: true), secureNone,
            expect: "ask TLSA _25._tcp.c.example")
        host.answers(failed, expect: "connect to 192.0.2.1")
        host.on(
            .connected([try session("192.0.2.1", .ok)]),
            expect: "finished in round 1: ok, TLSA of c.example at 1000 for 0 ms")
    }

    @Test(
        arguments: [
            (none, gone, "dns_nxdomain"), (none, none, "dns_nodata"),
            (Lookup(status: .rcode), none, "dns_error"),
        ])
    func `a host without addresses is not connected to`(a: Lookup, aaaa: Lookup, status: String) {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(a, aaaa, expect: "finished in round 1: \(status) at 1000 for 0 ms")
    }

    @Test(arguments: ["localhost", "192.0.2.1", "mail"])
    func `nothing is asked about a name that is no host's`(name: String) {
        var host = HostTranscript(name)
        host.on(.begin, expect: "finished in round 1: junk_name at 1000 for 0 ms")
    }

    @Test(
        arguments: [
            ([.tcpTimeout, .starttlsNotOffered, .ok], "ok"),
            ([.ehlo5xx, .tlsAlert, .starttlsNotOffered], "tls_alert"),
            ([.notContacted, .greeting5xx, .tcpRefused], "greeting_5xx"),
            ([.notProbed, .notContacted, .blocked], "blocked"),
        ] as [([ProbeStatus], String)])
    func `the best address counts, and of equal ones the first`(
        statuses: [ProbeStatus], expected: String
    ) throws {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        // Whatever order and number an answer has.
        host.answers(
            addresses("192.0.2.3", "192.0.2.1", "192.0.2.3", "192.0.2.2"), none,
            expect: "connect to 192.0.2.1, 192.0.2.2, 192.0.2.3")
        let sessions = try statuses.enumerated().map { try session("192.0.2.\($0 + 1)", $1) }
        host.on(.connected(sessions), expect: "finished in round 1: \(expected) at 1000 for 0 ms")
    }
}

@Suite struct `a host that is excluded` {
    @Test func `is not asked about by its name`() {
        var host = HostTranscript(by: .test(without: Excluded(["mx.example"])))
        host.on(.begin, expect: "finished in round 1: blocked at 1000 for 0 ms")
    }

    @Test func `is not connected to as an alias`() {
        var host = HostTranscript(by: .test(without: Excluded(["c.example"])))
        host.on(.begin, expect: addressQuestions)
        host.answers(
            addresses("192.0.2.1", aliases: ["c.example"]), none,
            expect: "finished in round 1: blocked at 1000 for 0 ms")
    }

    @Test func `meanwhile, is not tried again`() throws {
        let excluded = Excluded()
        var host = HostTranscript(by: .test(without: excluded))
        host.on(.begin, expect: addressQuestions)
        host.answers(failed, failed, expect: "retry after 10000 ms: dns_servfail at 1000 for 0 ms")
        excluded.names = ["mx.example"]
        host.on(.delayOver, expect: "finished in round 2: blocked at 1000 for 0 ms")
    }
}

@Suite struct `a host that failed transiently` {
    @Test func `is tried again from its addresses on, by the time of each round`() throws {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1")
        host.now = Moment(milliseconds: 300, unixSeconds: 1000)
        host.on(
            .connected([try session("192.0.2.1", .greeting4xx)]),
            expect: "retry after 10000 ms: greeting_4xx at 1000 for 300 ms")
        host.now = Moment(milliseconds: 10_300, unixSeconds: 1010)
        host.on(.delayOver, expect: addressQuestions)
        host.answers(addresses("192.0.2.2"), none, expect: "connect to 192.0.2.2, must wait")
        host.now = Moment(milliseconds: 10_400, unixSeconds: 1010)
        host.on(
            .connected([try session("192.0.2.2", .ok)]),
            expect: "finished in round 2: ok at 1010 for 100 ms")
    }

    @Test func `is tried after each delay, and then no more`() {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(failed, none, expect: "retry after 10000 ms: dns_servfail at 1000 for 0 ms")
        host.on(.delayOver, expect: addressQuestions)
        host.answers(failed, none, expect: "retry after 60000 ms: dns_servfail at 1000 for 0 ms")
        host.on(.delayOver, expect: addressQuestions)
        host.answers(failed, none, expect: "finished in round 3: dns_servfail at 1000 for 0 ms")
    }

    @Test func `is tried again for its TLSA records alone`() throws {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(secure, secureNone, expect: "ask TLSA _25._tcp.mx.example")
        host.answers(failed, expect: "connect to 192.0.2.1")
        host.on(
            .connected([try session("192.0.2.1", .ok)]),
            expect: "retry after 10000 ms: ok, TLSA of mx.example at 1000 for 0 ms")
    }

    @Test func `is not tried a third time where nothing answers`() throws {
        var host = HostTranscript()
        let silence = try session("192.0.2.1", .tcpTimeout)
        host.on(.begin, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1")
        host.on(
            .connected([silence]), expect: "retry after 10000 ms: tcp_timeout at 1000 for 0 ms")
        host.on(.delayOver, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1, must wait")
        host.on(.connected([silence]), expect: "finished in round 2: tcp_timeout at 1000 for 0 ms")
    }

    @Test(
        arguments: [
            (true, .shared, "finished in round 1: "), (true, .direct, "retry after 10000 ms: "),
            (false, .shared, "retry after 10000 ms: "),
        ] as [(Bool, Observed, String)])
    func `as others at its address did is spared where slots are scarce`(
        isCrowded: Bool, observed: Observed, expected: String
    ) throws {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1")
        host.on(
            .connected([try session("192.0.2.1", .tcpRefused, observed)]), isCrowded: isCrowded,
            expect: expected + "tcp_refused at 1000 for 0 ms")
    }
}

@Suite struct `a host whose servers have too many waiting` {
    @Test func `is abandoned`() {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1")
        host.on(.busy, expect: "abandoned")
    }

    @Test func `is waited for where those who ask for it cannot wait elsewhere`() {
        var host = HostTranscript(mustWait: true)
        host.on(.begin, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1, must wait")
    }

    @Test func `keeps what an earlier round has shown`() {
        var host = HostTranscript()
        host.on(.begin, expect: addressQuestions)
        host.answers(failed, none, expect: "retry after 10000 ms: dns_servfail at 1000 for 0 ms")
        host.on(.delayOver, expect: addressQuestions)
        host.answers(addresses("192.0.2.1"), none, expect: "connect to 192.0.2.1, must wait")
        host.on(.busy, expect: "finished in round 1: dns_servfail at 1000 for 0 ms")
    }
}
