import DNS
import MTASTS
import Observations
import Testing

@testable import Probe

private let addressQuestions = "ask A mx.example, AAAA mx.example"
private let secure = addresses("192.0.2.1", isAuthenticated: true)
private let secureNone = Lookup(status: .nodata, isAuthenticated: true)

/// A host of which DNS has been asked.
private func known(
    _ a: Lookup = addresses("192.0.2.1"), tlsa: Lookup? = nil, status: ProbeStatus = .notProbed
) -> HostObservation {
    let name = DomainName(canonical: "mx.example")
    return HostObservation(
        name: name, addresses: AddressLookup(a: a, aaaa: none), tlsa: tlsa,
        tlsaBase: tlsa == nil ? nil : name, status: status, sessions: [], observedAt: 900,
        durationMS: 1)
}

@Suite struct `a host of which DNS alone is asked` {
    @Test func `is finished by its addresses`() {
        var host = HostTranscript(ofDNSAlone: "mx.example")
        host.on(.begin, expect: addressQuestions)
        host.answers(
            addresses("192.0.2.1"), none,
            expect: "finished in round 1: not_probed at 1000 for 0 ms")
    }

    @Test func `is asked for TLSA records where its addresses are authenticated`() {
        var host = HostTranscript(ofDNSAlone: "mx.example")
        host.on(.begin, expect: addressQuestions)
        host.answers(secure, secureNone, expect: "ask TLSA _25._tcp.mx.example")
        host.answers(
            tlsa(), expect: "finished in round 1: not_probed, TLSA of mx.example at 1000 for 0 ms")
    }

    @Test func `is retried where DNS fails transiently`() {
        var host = HostTranscript(ofDNSAlone: "mx.example")
        host.on(.begin, expect: addressQuestions)
        host.answers(failed, failed, expect: "retry after 10000 ms: dns_servfail at 1000 for 0 ms")
        host.on(.delayOver, expect: addressQuestions)
        host.answers(
            gone, gone, expect: "finished in round 2: dns_nxdomain at 1000 for 0 ms")
    }
}

@Suite struct `a host whose lookups are known` {
    @Test func `is connected to at once, with its TLSA records`() throws {
        var host = HostTranscript(known: known(secure, tlsa: tlsa()))
        host.on(.begin, expect: "connect to 192.0.2.1 with 1 TLSA, must wait")
        host.on(
            .connected([try session("192.0.2.1", .ok)]),
            expect: "finished in round 1: ok, TLSA of mx.example at 1000 for 0 ms")
    }

    @Test func `is connected to again, and not asked for, in a retry`() throws {
        var host = HostTranscript(known: known())
        host.on(.begin, expect: "connect to 192.0.2.1, must wait")
        host.on(
            .connected([try session("192.0.2.1", .greeting4xx)]),
            expect: "retry after 10000 ms: greeting_4xx at 1000 for 0 ms")
        host.on(.delayOver, expect: "connect to 192.0.2.1, must wait")
    }

    @Test func `is not connected to again where a TLSA lookup had failed alone`() throws {
        var host = HostTranscript(known: known(secure, tlsa: failed))
        host.on(.begin, expect: "connect to 192.0.2.1, must wait")
        host.on(
            .connected([try session("192.0.2.1", .ok)]),
            expect: "finished in round 1: ok, TLSA of mx.example at 1000 for 0 ms")
    }

    @Test func `keeps what DNS had said where there is no address`() {
        var host = HostTranscript(known: known(failed, status: .dnsServfail))
        host.on(.begin, expect: "finished in round 1: dns_servfail at 1000 for 0 ms")
    }

    @Test func `is not contacted where it is excluded now`() {
        var host = HostTranscript(known: known(), by: .test(without: Excluded(["mx.example"])))
        host.on(.begin, expect: "finished in round 1: blocked at 1000 for 0 ms")
    }

    @Test func `is told from one that was probed`() throws {
        #expect(known().isOfDNSAlone)
        let probed = HostObservation(
            name: DomainName(canonical: "mx.example"), addresses: known().addresses, tlsa: nil,
            tlsaBase: nil, status: .ok, sessions: [try session("192.0.2.1", .ok)], observedAt: 0,
            durationMS: 0)
        #expect(!probed.isOfDNSAlone)
        #expect(!host("mx.example", .junkName).isOfDNSAlone)
    }
}

@Suite struct `a domain whose policy is not to be fetched` {
    @Test func `has it not fetched, and its hosts probed`() {
        var domain = DomainTranscript(by: .test(fetches: .none))
        domain.answers(
            mx("mx.example"), record, none, expect: "ask TXT _smtp-tlsrpt.a.example")
        domain.answers(none, expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .ok)]),
            expect:
                "finished in round 1: MX found, record found, policy not_fetched, mx.example ok")
    }

    @Test func `is asked nothing more where a TLSRPT record is found`() {
        var domain = DomainTranscript(by: .test(scope: .none, fetches: .none))
        let report = Lookup(
            status: .found, records: [.txt([Array("v=TLSRPTv1; rua=mailto:a@a.example".utf8)])])
        domain.answers(
            mx("mx.example"), record, report,
            expect: "finished in round 1: MX found, record found, policy not_fetched")
    }

    @Test func `has no policy where its record calls for none`() {
        var domain = DomainTranscript(by: .test(fetches: .none))
        domain.answers(mx("mx.example"), none, none, expect: "probe mx.example")
    }
}

@Suite struct `a policy that is fetched without its domain` {
    private let questions = "ask A mta-sts.a.example, AAAA mta-sts.a.example"
    private let fetch = "fetch https://mta-sts.a.example/.well-known/mta-sts.txt at 192.0.2.1"

    private func policyHost() throws -> PolicyHost {
        try #require(PolicyHost(named: DomainName(canonical: "mta-sts.a.example")))
    }

    @Test func `is asked for, fetched and finished`() throws {
        var fetching = PolicyTranscript(try policyHost())
        fetching.on(.begin, expect: questions)
        fetching.answers(addresses("192.0.2.1"), none, expect: fetch)
        fetching.on(.fetched(policy(.ok)), expect: "finished: ok at 1000")
    }

    @Test func `is retried, addresses and all, where that failed transiently`() throws {
        var fetching = PolicyTranscript(try policyHost())
        fetching.on(.begin, expect: questions)
        fetching.answers(failed, failed, expect: "retry after 10000 ms")
        fetching.now.unixSeconds = 1010
        fetching.on(.delayOver, expect: questions)
        fetching.answers(addresses("192.0.2.1"), none, expect: fetch)
        fetching.on(.fetched(policy(.http5xx)), expect: "retry after 60000 ms")
        fetching.on(.delayOver, expect: questions)
        fetching.answers(gone, gone, expect: "finished: dns_nxdomain at 1010")
    }

    @Test func `is not contacted where it is excluded`() throws {
        var fetching = PolicyTranscript(
            try policyHost(), by: .test(without: Excluded(["mta-sts.a.example"])))
        fetching.on(.begin, expect: "finished: blocked at 1000")
        let excluded = Excluded(addresses: ["192.0.2.1": .blocked])
        var atAddress = PolicyTranscript(try policyHost(), by: .test(without: excluded))
        atAddress.on(.begin, expect: questions)
        atAddress.answers(
            addresses("192.0.2.1"), none, expect: "finished: blocked at 1000")
    }

    @Test func `has a host whose first label is mta-sts`() {
        for name in ["a.example", "mta-sts", "xmta-sts.a.example"] {
            #expect(PolicyHost(named: DomainName(canonical: name)) == nil)
        }
    }
}
