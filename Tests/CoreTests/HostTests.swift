import DNS
import MTASTS
import Testing

@testable import Judgement
@testable import Observations

/// Names on the right side of MX.
private let targets: [(String, MXTarget)] = [
    ("", MXTarget.null), ("mx.example.com", .host), ("mx_1.example.com", .host),
    ("localhost", .localhost), ("a.localhost", .localhost),
    ("localhost.localdomain", .localhost), ("127.0.0.1", .addressLiteral),
    ("[192.0.2.1]", .addressLiteral), ("2001:db8::1", .addressLiteral),
    ("1.2.3.4.example", .host), ("~", .singleLabel), ("mail", .singleLabel),
]

/// Hosts, patterns, and how the one misses the other.
private let nearMisses: [(HostObservation, String, String)] = [
    (host("mx.example.net"), "mx.example.com", "other_tld"),
    (host("mxx.example.com"), "mx.example.com", "typo"),
    (host("a.mx.example.com"), "*.example.com", "extra_labels"),
    (host("mx.example.com"), "mta-sts.example.com", "mta_sts_label"),
    (host("in.other.org", names: ["mx.example.com"]), "mx.example.com", "certificate_only"),
    (host("in.other.org"), "mx.example.com", "other"),
]

@Suite struct `hosts` {
    @Test(arguments: targets)
    func `are told from junk`(name: String, target: MXTarget) {
        #expect(MXTarget.classify(DomainName(canonical: name)) == target)
    }

    @Test func `stand by preference, then by name, each once`() {
        var scene = Scene(mx: "b.example.com")
        for (preference, name) in [
            (10, "a.example.com"), (5, "c.example.com"), (20, "a.example.com"),
        ] {
            scene.mx = scene.mx.adding(preference: UInt16(preference), name)
        }
        let hosts = scene.judged().hosts
        #expect(hosts.map(\.host.text) == ["c.example.com", "a.example.com", "b.example.com"])
        #expect(hosts.map(\.preference) == [5, 10, 10])
        #expect(hosts.allSatisfy { $0.status == .notProbed })
    }

    @Test func `are the domain itself without MX`() {
        var scene = Scene(host("example.com")).policy("enforce", "example.com")
        scene.mx = Lookup(status: .nodata)
        scene.addresses = host("example.com").addresses
        let judgement = scene.judged()
        #expect(judgement.mxStatus == .implicit)
        #expect(judgement.hosts.map(\.outcome) == [.protectedSTS])
    }

    @Test func `are counted`() {
        let scene = Scene(
            host(), host("b.example.com", errors: [.untrusted]), host("c.example.com", .tcpReset),
            host("d.example.net", .starttlsNotOffered)
        ).policy("enforce", "*.example.com")
        let judgement = scene.judged()
        #expect(judgement.hostCounts.reached == 3)
        #expect(judgement.hostCounts.tls == 2)
        #expect(judgement.hostCounts.certificateOK == 1)
        #expect(judgement.hostCounts.matched == 3)
        #expect(judgement.hosts.map(\.outcome) == [.protectedSTS, .refused, .unreached, .refused])
    }

    @Test(arguments: nearMisses)
    func `come near to a pattern`(host: HostObservation, pattern: String, miss: String) {
        let judgement = Scene(host).policy("enforce", pattern).judged()
        #expect(judgement.hosts.map(\.nearMiss?.rawValue) == [miss])
        #expect(judgement.findings.contains { $0.layer == .mxMatch && $0.code == miss })
    }

    @Test func `match a literal before a wildcard`() {
        let hosts = [host("mx.example.com"), host("a.example.com"), host("example.com")]
        let scene = Scene(hosts[0], hosts[1], hosts[2])
            .policy("enforce", "*.example.com", "MX.example.com")
        #expect(scene.judged().hosts.map(\.policyMatch) == [.literal, .wildcard, MXMatch.none])
    }

    @Test func `and patterns may be as many as a stranger likes`() {
        let names = (0..<3000).map { "h\($0).example.net" }
        let patterns = (0..<3000).map { "mx: a\($0).example.org\n" }.joined()
        var scene = Scene(mx: "mx.example.com").policy("enforce")
        scene.policy?.body = Array("version: STSv1\nmode: enforce\nmax_age: 1\n\(patterns)".utf8)
        scene.mx = scene.mx.with(
            records: names.map { .mx(preference: 1, exchange: DomainName(canonical: $0)) })
        let judgement = scene.judged()
        #expect(judgement.verdict == .refused)
        #expect(judgement.hosts.count == 3000)
    }

    @Test func `keep all that they are judged by`() {
        let named = host(errors: [.cnOnly], names: [])  // Postfix looks at the CN
        let anchored = host(dane: .anchor(names: ["mx.example.com"]))
        for host in [named, anchored] {
            let whole = Scene(host, secure: true).policy("enforce", "mx.example.com").judged()
            let kept = Scene(host.forJudging, secure: true).policy("enforce", "mx.example.com")
                .judged()
            #expect(whole.verdict == kept.verdict)
            #expect(whole.postfixVerdict == .protectedSTS || whole.verdict == .protectedDANE)
            #expect(whole.postfixVerdict == kept.postfixVerdict)
        }
    }

    @Test func `are not held against a policy that is not in force`() {
        let scene = Scene(host("a.example.net"))
        for idle in [
            scene, scene.policy("none", "mx.example.com"),
            scene.policy("enforce", "mx.example.com").record("v=STSv1;"),
        ] {
            #expect(idle.judged().hosts.map(\.policyMatch) == [nil])
            #expect(idle.judged().hostCounts.matched == nil)
        }
    }
}

@Suite struct `records and policies` {
    @Test func `that are broken are fetched and told all the same`() {
        let scene = Scene(host()).policy("enforce", "mx.example.com").record("v=STSv1; id=a-b;")
        let judgement = scene.judged()
        #expect(judgement.record == .badID)
        #expect(judgement.recordID == nil)  // an id is that of a valid record
        #expect(judgement.mode == .enforce)
        #expect(judgement.maxAge == 604800)
        #expect(judgement.patterns == [Array("mx.example.com".utf8)])
        #expect(judgement.findings.contains { $0.layer == .record && $0.code == "bad_id" })
    }

    @Test func `call for a fetch where there is something to call`() {
        let calling = STSRecordStatus.allCases.filter(\.callsForFetch).map(\.rawValue)
        #expect(
            calling == [
                "ok", "multiple", "bad_version", "missing_id", "bad_id", "bad_extension",
                "bad_field", "non_ascii",
            ])
        #expect(STSRecordStatus(of: Lookup(status: .rcode)) == .dnsError)
        #expect(STSRecordStatus(of: Lookup(status: .nodata)) == .absent)
    }

    @Test func `are reported where the media type is another`() {
        var scene = Scene(host()).policy("enforce", "mx.example.com")
        scene.policy?.contentType = Array("text/html".utf8)
        let codes = scene.judged().findings.map(\.code)
        #expect(codes == ["senders_differ", "content_type"])
    }
}
