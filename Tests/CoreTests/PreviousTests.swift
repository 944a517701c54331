import DNS
internal import Judgement
import MTASTS
import Observations
import Testing

private let day: Int64 = 86400
private let body = "version: STSv1\r\nmode: enforce\r\nmx: mx.example.com\r\nmax_age: 604800\r\n"
private let progress = PriorState(
    policy: .init(
        id: Array("20260101".utf8), body: Array(body.utf8), fetchedAt: 1000 * day, maxAge: 604_800),
    hosts: [])

private func texts(_ records: String...) -> Lookup {
    Lookup(status: .found, records: records.map { .txt([Array($0.utf8)]) })
}

private let same = texts("v=STSv1; id=20260101;")

/// What is seen now and when, and whether a sender that asked at the earlier scan is spared the
/// fetch.
private let spared: [(String, Lookup, Int64, Bool)] = [
    ("the same id, a day later", same, 1001 * day, true),
    ("at once", same, 1000 * day, true),
    ("the last second of max_age", same, 1007 * day - 1, true),
    ("max_age has run out (RFC 8461 §3.2)", same, 1007 * day, false),
    ("a clock that went back tells no age", same, 1000 * day - 1, false),
    ("another id (RFC 8461 §3.1)", texts("v=STSv1; id=20260102;"), 1001 * day, false),
    ("an id in another case is another", texts("v=STSv1; id=20260101A;"), 1001 * day, false),
    ("a new field beside the id", texts("v=STSv1; id=20260101; a=b;"), 1001 * day, true),
    (
        "another TXT record beside it",
        texts("v=spf1 -all", "v=STSv1; id=20260101;"), 1001 * day, true
    ),
    (
        "two records are none (RFC 8461 §3.1)",
        texts("v=STSv1; id=20260101;", "v=STSv1; id=2;"), 1001 * day, false
    ),
    ("an id that is none", texts("v=STSv1; id=2026-01-01;"), 1001 * day, false),
    ("the record gone", Lookup(status: .nxdomain), 1001 * day, false),
    ("the lookup failed", Lookup(status: .servfail), 1001 * day, false),
    ("no answer in time", Lookup(status: .timeout), 1001 * day, false),
]

/// The policy fetched now, and whether it is another than `body`.
private let changes: [(String, String?, Bool?)] = [
    ("octet by octet", body, false),
    (
        "another order, other line ends, a key that senders ignore",
        "mx: MX.example.com\nmax_age: 604800\nversion: STSv1\nmode: enforce\nnote: x\n", false
    ),
    ("another mode", body.replacing("enforce", with: "testing"), true),
    ("another max_age", body.replacing("604800", with: "86400"), true),
    ("another host", body.replacing("mx.example.com", with: "mx.example.net"), true),
    ("one host more", body + "mx: b.example.com\r\n", true),
    ("no policy any more", "<html>", true),
    ("nothing fetched", nil, nil),
]

/// The policy's patterns and the hosts of earlier scans, and how `mx.new.example` comes near.
private let former: [(String, [String], [String], NearMiss?)] = [
    ("a pattern names the old host", ["mx.old.example"], ["mx.old.example"], .historical),
    ("a wildcard does", ["*.old.example"], ["mx.old.example"], .historical),
    (
        "of several old hosts one", ["b.old.example"], ["a.old.example", "b.old.example"],
        .historical
    ),
    ("before all other classes", ["mta-sts.old.example"], ["mta-sts.old.example"], .historical),
    ("the wildcard is of another depth", ["*.example"], ["mx.old.example"], .other),
    ("another old host", ["mx.elsewhere.test"], ["mx.old.example"], .other),
    ("no earlier scan", ["mx.elsewhere.test"], [], .other),
    ("the host is allowed", ["mx.new.example", "mx.old.example"], ["mx.old.example"], nil),
    // A host that MX records name still is no former one.
    ("the same host as before", ["mx.elsewhere.test"], ["mx.new.example"], .other),
]

@Suite("an earlier scan") struct PreviousTests {
    @Test(arguments: spared)
    func sendersAreSparedTheFetch(_ vector: (String, Lookup, Int64, Bool)) throws {
        let (why, record, now, isSpared) = vector
        let policyHost = DomainName(canonical: "mta-sts.example.com")
        let found = progress.carriedOver(to: record, of: policyHost, at: now)
        #expect((found != nil) == isSpared, "\(why)")
        guard let found else { return }
        #expect(found.source == .carriedOver && found.status == .ok && found.host == policyHost)
        #expect(found.body == Array(body.utf8) && found.fetchedEarlierAt == 1000 * day)
    }

    @Test func nothingIsCarriedOverOfNoPolicy() {
        let policyHost = DomainName(canonical: "mta-sts.example.com")
        let none = PriorState(policy: nil, hosts: [])
        #expect(none.carriedOver(to: same, of: policyHost, at: 1001 * day) == nil)
        var unkept = progress
        unkept.policy?.maxAge = 0
        #expect(unkept.carriedOver(to: same, of: policyHost, at: 1000 * day) == nil)
    }

    @Test(arguments: changes)
    func aPolicyIsAnother(_ vector: (String, String?, Bool?)) {
        let (why, text, isChanged) = vector
        let scene = Scene(host()).record("v=STSv1; id=1;")
        let now = text.map { scene.fetch(.ok, body: $0) } ?? scene.fetch(.tcpTimeout)
        #expect(now.previously(body).judged().isPolicyChanged == isChanged, "\(why)")
        #expect(now.previously().judged().isPolicyChanged == nil, "\(why), nothing known before")
        #expect(now.judged().isPolicyChanged == nil, "\(why), without an earlier scan")
    }

    @Test func aPolicyCarriedOverIsNotCompared() throws {
        var scene = Scene(host()).policy("enforce", "mx.example.com").previously(body)
        scene.policy?.fetchedEarlierAt = 1000 * day
        #expect(scene.judged().isPolicyChanged == nil)
        #expect(scene.judged().verdict == .protectedSTS)
    }

    @Test(arguments: former)
    func theOldHostsTellAnOutdatedPolicy(_ vector: (String, [String], [String], NearMiss?)) {
        let (why, patterns, hosts, nearMiss) = vector
        let lines = ["version: STSv1", "mode: enforce", "max_age: 1209600"]
        let text = (lines + patterns.map { "mx: \($0)" }).joined(separator: "\n")
        var scene = Scene(host("mx.new.example")).record("v=STSv1; id=1;").fetch(.ok, body: text)
        scene.previous = PriorState(policy: nil, hosts: hosts.map { DomainName(canonical: $0) })
        #expect(scene.judged().hosts[0].nearMiss == nearMiss, "\(why)")
    }

    @Test func aSampleIsOfItsShareAndItsSeed() {
        let names = (0..<10_000).map { DomainName(canonical: "d\($0).example") }
        func picked(_ share: Double, _ seed: UInt64) -> Set<DomainName> {
            let sample = RefetchSample(share: share, seed: seed)
            return Set(names.filter { sample.includes($0) })
        }
        #expect(picked(0, 1).isEmpty)
        #expect(picked(1, 1).count == names.count)
        let few = picked(0.05, 1)
        #expect((400...600).contains(few.count))
        #expect(few == picked(0.05, 1))
        #expect(few.isSubset(of: picked(0.1, 1)))
        // Another seed gives another sample, which meets the first by chance only.
        #expect(few.intersection(picked(0.05, 2)).count < 60)
    }
}
