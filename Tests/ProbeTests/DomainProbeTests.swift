import DNS
import Judgement
import Observations
import Probe
import Testing

private let policyAddresses =
    "ask A mta-sts.a.example, AAAA mta-sts.a.example, TXT _smtp-tlsrpt.a.example"
private let fetch = "fetch https://mta-sts.a.example/.well-known/mta-sts.txt at 192.0.2.1"

@Suite struct `the order of a domain's observation` {
    @Test func `a name that does not exist is finished at once`() {
        var domain = DomainTranscript()
        domain.answers(
            gone, gone, gone, expect: "finished in round 1: MX nxdomain, record nxdomain")
    }

    @Test func `a null MX names no host`() {
        var domain = DomainTranscript()
        domain.answers(mx(""), none, none, expect: "finished in round 1: MX found, record nodata")
    }

    @Test func `hosts are probed in the order of preference`() {
        var domain = DomainTranscript()
        domain.answers(
            mx("b.example", "a.example"), none, none, expect: "probe b.example, a.example")
        domain.on(
            .observed([host("b.example", .ok), host("a.example", .ok)]),
            expect: "finished in round 1: MX found, record nodata, b.example ok, a.example ok")
    }

    @Test func `no more hosts are probed than the limit`() {
        var domain = DomainTranscript(by: .test(mxHostLimit: 2))
        domain.answers(
            mx("a.example", "b.example", "c.example"), none, none,
            expect: "probe a.example, b.example")
    }

    @Test func `without MX the domain's own addresses count`() {
        var domain = DomainTranscript()
        domain.answers(none, none, none, expect: "ask A a.example, AAAA a.example")
        domain.answers(addresses("192.0.2.1"), none, expect: "probe a.example")
        domain.on(
            .observed([host("a.example", .ok)]),
            expect: "finished in round 1: MX nodata, record nodata, addresses found, a.example ok")
    }

    @Test func `without MX and addresses there is no host`() {
        var domain = DomainTranscript()
        domain.answers(none, none, none, expect: "ask A a.example, AAAA a.example")
        domain.answers(
            none, none, expect: "finished in round 1: MX nodata, record nodata, addresses nodata")
    }

    @Test func `the policy is fetched before the hosts are probed`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.ok)), expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .ok)]),
            expect: "finished in round 1: MX found, record found, policy ok, mx.example ok")
    }

    @Test func `the name of drafts is asked where TLSRPT has no record`() {
        let reports = Lookup(
            status: .found, records: [.txt([Array("v=TLSRPTv1; rua=mailto:a@b.example".utf8)])])
        var domain = DomainTranscript()
        domain.answers(
            mx("mx.example"), record, reports,
            expect: "ask A mta-sts.a.example, AAAA mta-sts.a.example")
        var other = DomainTranscript()
        other.answers(mx("mx.example"), none, none, expect: "probe mx.example")
        var unknown = DomainTranscript()
        unknown.answers(
            mx("mx.example"), record, Lookup(status: .servfail),
            expect: "ask A mta-sts.a.example, AAAA mta-sts.a.example")
    }

    @Test func `a record with a null MX calls for a policy all the same`() {
        var domain = DomainTranscript()
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(
            .fetched(policy(.http404)),
            expect: "finished in round 1: MX found, record found, policy http_404")
    }

    @Test(
        arguments: [
            (gone, "dns_nxdomain"), (none, "dns_nodata"),
            (Lookup(status: .aliasLoop), "dns_error"),
        ])
    func `a policy host without addresses is not contacted`(answer: Lookup, status: String) {
        var domain = DomainTranscript()
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(
            answer, answer, expect: "finished in round 1: MX found, record found, policy \(status)")
    }

    @Test func `labels that make a name too long have no records`() {
        // 250 characters: `_mta-sts.` does not fit.
        let label = String(repeating: "a", count: 61)
        let name = Array(repeating: label, count: 4).joined(separator: ".") + ".b"
        var domain = DomainTranscript(idle: name)
        domain.on(.begin, expect: "ask MX \(name)")
        domain.answers(gone, expect: "finished in round 1: MX nxdomain, record nxdomain")
        #expect(domain.seen?.record.inference == .nameTooLong)
    }
}

@Suite struct `what lies below a name that does not exist` {
    private let proof = Lookup(status: .nxdomain, rcode: 3, isAuthenticated: true)
    private let finished = "finished in round 1: MX nxdomain, record nxdomain"

    @Test func `is not asked where DNSSEC has validated that`() {
        var domain = DomainTranscript()
        domain.answers(proof, expect: finished)
        #expect(domain.seen?.mx.inference == nil)
        #expect(domain.seen?.record == Lookup(nonexistentBy: .nxdomainAbove))
        #expect(domain.seen?.tlsrpt.inference == .nxdomainAbove)
    }

    @Test func `is asked where the AD bit is not believed`() {
        var domain = DomainTranscript(idle: "a.example", by: .test(trustsAD: false))
        domain.on(
            .begin,
            expect: "ask MX a.example, then TXT _mta-sts.a.example, TXT _smtp._tls.a.example")
        domain.answers(proof, gone, gone, expect: finished)
        #expect(domain.seen?.record.inference == nil)
    }

    @Test func `is asked where nothing was validated`() {
        var domain = DomainTranscript()
        domain.answers(Lookup(status: .nxdomain, rcode: 3), gone, gone, expect: finished)
    }

    @Test func `is asked where the end of aliases does not exist, for the name itself does`() {
        let end = Lookup(
            status: .nxdomain, rcode: 3, isAuthenticated: true,
            aliases: [DomainName(canonical: "b.example")])
        var domain = DomainTranscript()
        domain.answers(
            end, record, none, expect: policyAddresses)
    }

    @Test func `is asked where the name exists`() {
        var domain = DomainTranscript()
        let empty = Lookup(status: .nodata, rcode: 0, isAuthenticated: true)
        domain.answers(empty, none, none, expect: "ask A a.example, AAAA a.example")
    }

    @Test func `is not asked again once a retry proves it`() {
        var domain = DomainTranscript()
        domain.answers(failed, none, failed, expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask MX a.example, TXT _smtp._tls.a.example")
        domain.answers(
            proof, failed, expect: "finished in round 2: MX nxdomain, record nodata")
        #expect(domain.seen?.record.inference == nil)
        #expect(domain.seen?.tlsrpt.inference == .nxdomainAbove)
    }
}

@Suite struct `which hosts are probed` {
    private let unprobed = "finished in round 1: MX found, record nodata"

    @Test func `none where none are wanted`() {
        var domain = DomainTranscript(by: .test(scope: .none))
        domain.answers(mx("mx.example"), none, none, expect: unprobed)
    }

    @Test func `none of a domain without a record where those with one are wanted`() {
        var domain = DomainTranscript(by: .test(scope: .records))
        domain.answers(mx("mx.example"), none, none, expect: unprobed)
    }

    @Test func `those of a domain with a record, after its policy`() {
        var domain = DomainTranscript(by: .test(scope: .records))
        domain.answers(mx("mx.example"), record, none, expect: policyAddresses)
        domain.answers(none, none, expect: "probe mx.example")
    }

    @Test func `none where none are wanted, whatever the policy`() {
        var domain = DomainTranscript(by: .test(scope: .none))
        domain.answers(mx("mx.example"), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(
            .fetched(policy(.ok)),
            expect: "finished in round 1: MX found, record found, policy ok")
    }
}

@Suite struct `what failed transiently is asked again` {
    @Test func `only the question that failed`() {
        var domain = DomainTranscript()
        domain.answers(failed, none, none, expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask MX a.example")
        domain.answers(mx("mx.example"), expect: "probe mx.example, must wait")
        domain.on(
            .observed([host("mx.example", .ok)]),
            expect: "finished in round 2: MX found, record nodata, mx.example ok")
    }

    @Test func `two of three, each taken for what was asked`() {
        var domain = DomainTranscript()
        domain.answers(failed, none, Lookup(status: .timeout), expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask MX a.example, TXT _smtp._tls.a.example")
        domain.answers(gone, none, expect: "finished in round 2: MX nxdomain, record nodata")
        #expect(domain.seen?.tlsrpt.status == .nodata)
    }

    @Test func `after each delay, and then no more`() {
        var domain = DomainTranscript()
        domain.answers(failed, none, none, expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask MX a.example")
        domain.answers(failed, expect: "retry after 60000 ms")
        domain.on(.delayOver, expect: "ask MX a.example")
        domain.answers(failed, expect: "finished in round 3: MX servfail, record nodata")
    }

    @Test func `never where there are no delays`() {
        var domain = DomainTranscript(by: .test(retryDelays: []))
        domain.answers(
            failed, none, none, expect: "finished in round 1: MX servfail, record nodata")
    }

    @Test func `a policy is fetched again while hosts keep what they have shown`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.http5xx)), expect: "probe mx.example")
        domain.on(.observed([host("mx.example", .ok, number: 1)]), expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch + ", must wait")
        domain.on(.fetched(policy(.ok)), expect: "probe mx.example, must wait")
        domain.on(
            .observed([host("mx.example", .ok, number: 1)]),
            expect: "finished in round 2: MX found, record found, policy ok, mx.example ok")
    }

    @Test func `the policy host's addresses are asked for again`() {
        var domain = DomainTranscript()
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(failed, none, expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch + ", must wait")
    }

    @Test func `a policy host that is silent in two rounds is gone`() {
        var domain = DomainTranscript()
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.tcpTimeout)), expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch + ", must wait")
        domain.on(
            .fetched(policy(.tcpTimeout)),
            expect: "finished in round 2: MX found, record found, policy tcp_timeout")
    }

    @Test func `a policy that was fetched is not fetched again with the record`() {
        var domain = DomainTranscript()
        // The name of the drafts is asked for where that of RFC 8460 has no record for certain.
        domain.answers(
            mx(""), record, failed, expect: "ask A mta-sts.a.example, AAAA mta-sts.a.example")
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.ok)), expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask TXT _smtp._tls.a.example")
        domain.answers(none, expect: "finished in round 2: MX found, record found, policy ok")
    }

    @Test func `the domain's own addresses`() {
        var domain = DomainTranscript()
        domain.answers(none, none, none, expect: "ask A a.example, AAAA a.example")
        domain.answers(failed, none, expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask A a.example, AAAA a.example")
        domain.answers(addresses("192.0.2.1"), none, expect: "probe a.example, must wait")
    }

    @Test func `a domain that stops while it waits gets no record`() {
        var domain = DomainTranscript()
        domain.answers(failed, none, none, expect: "retry after 10000 ms")
        domain.on(.stopped, expect: "abandoned")
    }
}

@Suite struct `a domain whose hosts are tried again` {
    @Test func `waits for the last round of those that may change`() {
        var domain = DomainTranscript()
        domain.answers(
            mx("a.example", "b.example", "c.example"), none, none,
            expect: "probe a.example, b.example, c.example")
        domain.on(
            .observed([
                host("a.example", .greeting4xx), host("b.example", .ok, number: 1),
                host("c.example", .tcpTimeout),
            ]), expect: "wait for a.example, c.example")
        domain.on(
            .settled([host("a.example", .ok, rounds: 2), host("c.example", .tcpTimeout, rounds: 2)]
            ),
            expect: """
                finished in round 1: MX found, record nodata, a.example ok, b.example ok, \
                c.example tcp_timeout
                """)
    }

    @Test func `keeps what a host has shown of which nothing more is known`() {
        var domain = DomainTranscript()
        domain.answers(
            mx("a.example", "b.example"), none, none, expect: "probe a.example, b.example")
        domain.on(
            .observed([host("a.example", .greeting4xx), host("b.example", .tcpRefused)]),
            expect: "wait for a.example, b.example")
        domain.on(
            .settled([host("b.example", .ok, rounds: 2)]),
            expect:
                "finished in round 1: MX found, record nodata, a.example greeting_4xx, b.example ok"
        )
    }

    @Test(arguments: [(1, 7), (3, 0)])
    func `does not wait for one that has shown all it will`(rounds: Int, number: Int) {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), none, none, expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .greeting4xx, rounds: rounds, number: number)]),
            expect: "finished in round 1: MX found, record nodata, mx.example greeting_4xx")
    }

    @Test func `has its own questions asked again first`() {
        var domain = DomainTranscript(by: .test(retryDelays: [10_000]))
        domain.answers(mx("mx.example"), failed, none, expect: "probe mx.example")
        domain.on(.observed([host("mx.example", .greeting4xx)]), expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask TXT _mta-sts.a.example")
        domain.answers(none, expect: "probe mx.example, must wait")
        domain.on(.observed([host("mx.example", .greeting4xx)]), expect: "wait for mx.example")
        domain.on(
            .settled([host("mx.example", .ok, rounds: 2)]),
            expect: "finished in round 2: MX found, record nodata, mx.example ok")
    }
}

@Suite struct `a domain that meets servers with too many waiting` {
    @Test func `is parked, and begun again from the start`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), none, none, expect: "probe mx.example")
        domain.on(.busy, expect: "park")
        #expect(!domain.isKeptWhenParked)
    }

    @Test func `is parked with its policy, which is not fetched again`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.ok)), expect: "probe mx.example")
        domain.on(.busy, expect: "park")
        #expect(domain.isKeptWhenParked)
        domain.on(.begin, expect: "probe mx.example")
        domain.on(.busy, expect: "park")
        domain.on(.begin, expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .ok)]),
            expect: "finished in round 1: MX found, record found, policy ok, mx.example ok")
    }

    @Test func `waits with the others where it cannot be parked`() {
        var domain = DomainTranscript()
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.busy, expect: "park")
        domain.on(.notParked, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch + ", must wait")
        domain.on(
            .fetched(policy(.ok)), expect: "finished in round 1: MX found, record found, policy ok")
    }

    @Test func `pauses where those it waits with are parked`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), none, none, expect: "probe mx.example")
        domain.on(.busy, expect: "park")
        domain.on(.notParked, expect: "probe mx.example, must wait")
        domain.on(.busy, expect: "pause for 1000 ms")
        domain.on(.delayOver, expect: "probe mx.example, must wait")
    }

    @Test func `is not parked once it is asked about again`() {
        var domain = DomainTranscript()
        domain.answers(failed, none, none, expect: "retry after 10000 ms")
        domain.on(.delayOver, expect: "ask MX a.example")
        domain.answers(mx("mx.example"), expect: "probe mx.example, must wait")
        domain.on(.busy, expect: "pause for 1000 ms")
        domain.on(.delayOver, expect: "probe mx.example, must wait")
    }
}

@Suite struct `where slots for retries are scarce` {
    @Test func `a domain is parked behind a host that is tried again`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), none, none, isCrowded: true, expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .greeting4xx)]), isCrowded: true,
            expect: "park behind mx.example")
        #expect(!domain.isKeptWhenParked)
    }

    @Test func `it waits for the host where it cannot be parked`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), none, none, expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .greeting4xx)]), isCrowded: true,
            expect: "park behind mx.example")
        domain.on(.notParked, isCrowded: true, expect: "wait for mx.example")
    }

    @Test func `a domain that failed itself is asked about again`() {
        var domain = DomainTranscript()
        domain.answers(mx("mx.example"), none, failed, expect: "probe mx.example")
        domain.on(
            .observed([host("mx.example", .greeting4xx)]), isCrowded: true,
            expect: "retry after 10000 ms")
    }

    @Test(arguments: [
        (true, true, "finished in round 1: MX found, record found, policy tcp_refused"),
        (true, false, "retry after 10000 ms"), (false, true, "retry after 10000 ms"),
    ])
    func `a policy that failed as others did is not fetched again`(
        isCrowded: Bool, isShared: Bool, expected: String
    ) {
        var domain = DomainTranscript()
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(
            .fetched(policy(.tcpRefused, isShared: isShared)), isCrowded: isCrowded,
            expect: expected)
    }
}

@Suite struct `names and addresses that are excluded` {
    @Test func `nothing is asked about the domain`() {
        var domain = DomainTranscript(
            idle: "a.example", by: .test(without: Excluded(["a.example"])))
        domain.on(.begin, expect: "finished: excluded")
    }

    @Test func `a domain that is excluded while it is parked gets no facts`() {
        let excluded = Excluded()
        var domain = DomainTranscript(by: .test(without: excluded))
        domain.answers(mx("mx.example"), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.ok)), expect: "probe mx.example")
        domain.on(.busy, expect: "park")
        excluded.names = ["a.example"]
        domain.on(.begin, expect: "finished: excluded")
        #expect(domain.seen == nil)
    }

    @Test func `a domain that is excluded meanwhile is not asked about again`() {
        let excluded = Excluded()
        var domain = DomainTranscript(by: .test(without: excluded))
        domain.answers(mx("mx.example"), failed, none, expect: "probe mx.example")
        domain.on(.observed([host("mx.example", .greeting4xx)]), expect: "retry after 10000 ms")
        excluded.names = ["a.example"]
        domain.on(.delayOver, expect: "wait for mx.example")
        domain.on(
            .settled([host("mx.example", .ok, rounds: 2)]),
            expect: "finished in round 1: MX found, record servfail, mx.example ok")
    }

    @Test func `the policy host's name`() {
        let excluded = Excluded(["mta-sts.a.example"])
        var domain = DomainTranscript(by: .test(without: excluded))
        domain.answers(
            mx(""), record, none,
            expect: "finished in round 1: MX found, record found, policy blocked")
    }

    @Test func `the end of the policy host's aliases`() {
        var domain = DomainTranscript(by: .test(without: Excluded(["b.example"])))
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(
            addresses("192.0.2.1", aliases: ["b.example"]), none,
            expect: "finished in round 1: MX found, record found, policy blocked")
    }

    @Test(
        arguments: [
            ([.blocked, .notContacted], "policy blocked"),
            ([.notContacted, .notProbed], "policy not_contacted"),
        ] as [([ProbeStatus], String)])
    func `all of the policy host's addresses`(statuses: [ProbeStatus], expected: String) {
        let excluded = Excluded(
            addresses: ["192.0.2.1": statuses[0], "192.0.2.2": statuses[1]])
        var domain = DomainTranscript(by: .test(without: excluded))
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(
            addresses("192.0.2.1", "192.0.2.2"), none,
            expect: "finished in round 1: MX found, record found, \(expected)")
    }

    @Test func `some of the policy host's addresses`() {
        let excluded = Excluded(addresses: ["192.0.2.7": .blocked])
        var domain = DomainTranscript(by: .test(without: excluded))
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.7", "192.0.2.1"), none, expect: fetch)
    }
}

@Suite struct `a policy that senders have from before` {
    private static let known = PriorState(
        policy: .init(id: Array("1".utf8), body: [1], fetchedAt: 900, maxAge: 500), hosts: [])
    private let finished = "finished in round 1: MX found, record found, policy ok"

    @Test func `is not fetched, but its host is looked up`() {
        var domain = DomainTranscript(by: .test(prior: Self.known))
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: finished)
        #expect(domain.seen?.policy?.fetchedEarlierAt == 900)
        #expect(domain.seen?.policy?.addresses?.addresses.count == 1)
    }

    @Test func `counts even where its host has no address any more`() {
        var domain = DomainTranscript(by: .test(prior: Self.known))
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(failed, failed, expect: finished)
    }

    @Test func `counts even where its host is excluded, which is not looked up then`() {
        let excluded = Excluded(["mta-sts.a.example"])
        var domain = DomainTranscript(by: .test(without: excluded, prior: Self.known))
        domain.answers(mx(""), record, none, expect: finished)
        #expect(domain.seen?.policy?.addresses == nil)
    }

    @Test func `is fetched when max_age is over`() {
        var domain = DomainTranscript(by: .test(prior: Self.known))
        domain.now = Moment(milliseconds: 0, unixSeconds: 1400)
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
    }

    @Test func `is fetched where the domain belongs to the sample`() {
        var domain = DomainTranscript(by: .test(prior: Self.known, refetched: 1))
        domain.answers(mx(""), record, none, expect: policyAddresses)
        domain.answers(addresses("192.0.2.1"), none, expect: fetch)
        domain.on(.fetched(policy(.ok)), expect: finished)
        #expect(domain.seen?.previous != nil)
    }
}
