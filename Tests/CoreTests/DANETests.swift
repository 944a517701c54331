import DNS
import Judgement
import Observations
import Records
import Testing

private let mx = "mx.example.com"

/// A host without addresses.
private func lost(_ status: ProbeStatus) -> HostObservation {
    HostObservation(
        name: DomainName(canonical: mx), addresses: nil, tlsa: nil, tlsaBase: nil,
        status: status, sessions: [], observedAt: 0, durationMS: 0)
}

/// Hosts under a secure MX RRset, and what DANE says of the domain.
private let rollUps: [(String, Scene, String?)] = [
    ("no host", Scene(mx: ""), nil),
    ("insecure MX", Scene(host(dane: .absent)), "insecure"),
    ("insecure MX, TLSA at a host", Scene(host(dane: .match)), "host_only"),
    ("no TLSA", Scene(host(dane: .absent), secure: true), "none"),
    ("insecure host", Scene(host(), secure: true), "none"),
    ("match", Scene(host(dane: .match), secure: true), "ok"),
    ("mismatch", Scene(host(dane: .mismatch), secure: true), "failed"),
    ("not usable", Scene(host(dane: .unusable), secure: true), "unusable"),
    ("SERVFAIL", Scene(host(dane: .tempfail), secure: true), "tempfail"),
    ("not reached", Scene(host(mx, .tcpTimeout, dane: .match), secure: true), "unknown"),
    ("not probed, so not asked", Scene(mx: mx).secured, "unknown"),
    ("addresses unknown, so not asked", Scene(lost(.dnsServfail), secure: true), "unknown"),
    ("no address", Scene(lost(.dnsNXDomain), secure: true), "none"),
    ("one of two", Scene(host(dane: .match), host("b.example.com"), secure: true), "partial"),
    (
        "one of two, the other not reached",
        Scene(host(dane: .match), host("b.example.com", .tcpTimeout), secure: true), "ok"
    ),
]

/// Hosts, and what DANE says of each without an MX RRset.
private let hostsAlone: [(HostObservation, HostDANEStatus)] = [
    (host(dane: .match), HostDANEStatus.ok),
    (host(dane: .mismatch), .failed),
    (host(mx, .starttlsNotOffered, dane: .match), .failed),  // reached, and no TLS
    (host(mx, .ehlo5xx, dane: .match), .unreached),  // of the client, not of TLS
    (host(mx, .starttls2xx, dane: .match), .failed),  // RFC 3207 §4 has 220 alone
    (host(dane: .unusable), .unusable),
    (host(dane: .absent), .none),
    (host(dane: .insecure), .insecure),
    (host(dane: .tempfail), .tempfail),
    (host(mx, .greeting5xx, dane: .match), .unreached),
    (host(dane: .anchor(names: ["*.example.com"])), .ok),
    (host(dane: .anchor(names: ["example.com"])), .failed),  // no next-hop in a host record
]

/// Usage, selector, matching type, count of octets; usable or not.
private let tlsaRecords: [(UInt8, UInt8, UInt8, Int, Bool)] = [
    (2, 0, 0, 900, true), (3, 1, 1, 32, true), (3, 1, 2, 64, true),
    (0, 1, 1, 32, false),  // PKIX-TA
    (1, 1, 1, 32, false),  // PKIX-EE
    (3, 2, 1, 32, false),  // no such selector
    (3, 1, 3, 32, false),  // no such matching type
    (3, 1, 1, 31, false),  // short digest
    (3, 1, 2, 32, false),  // SHA-256 called SHA-512
    (3, 0, 0, 0, false),  // nothing
]

@Suite struct `DANE (RFC 7672)` {
    @Test func `rolls up to the domain`() {
        for (why, scene, expected) in rollUps {
            #expect(scene.judged().dane?.rawValue == expected, "\(why)")
        }
        let words = Set(rollUps.compactMap(\.2))
        #expect(words == Set(DomainDANEStatus.allCases.map(\.rawValue)))
    }

    @Test func `is unknown without a trusted resolver`() {
        let judgement = Scene(host(dane: .match), secure: true).judged(trustsAD: false)
        #expect(judgement.dane == .unknown)
        #expect(judgement.hosts.map(\.dane) == [.unknown])
        #expect(judgement.verdict == .opportunistic)
    }

    @Test(arguments: hostsAlone)
    func `is told of a host alone`(host: HostObservation, status: HostDANEStatus) {
        #expect(HostRecord(host, trustsAD: true).dane == status)
    }

    @Test func `is not asked without an address`() {
        let lost = HostObservation(
            name: domain, addresses: nil, tlsa: nil, tlsaBase: nil, status: .junkName,
            sessions: [], observedAt: 0, durationMS: 0)
        #expect(HostRecord(lost, trustsAD: true).dane == .notAsked)
    }

    @Test(arguments: tlsaRecords)
    func `uses some records only`(
        usage: UInt8, selector: UInt8, matching: UInt8, count: Int, isUsable: Bool
    ) {
        let data = [UInt8](repeating: 1, count: count)
        let record = TLSARecord(
            usage: usage, selector: selector, matchingType: matching, data: data)
        #expect(record.isUsable == isUsable)
    }
}
