import Judgement
import MTASTS
import Observations
import Testing

@testable import Statistics

/// What hosts show is counted once for each host, and for the domains that send there first.
@Suite struct HostTraitTests {
    private static let now: Int64 = 1_795_467_600

    private func host(
        _ name: String, observation: Int = 1, organization: String? = "Trust", lifetime: Int64,
        left: Int64, errors: [CertificateStatus] = []
    ) -> HostFacts {
        var facts = HostFacts(host: name, status: .ok, dane: .none, certificateErrors: errors)
        facts.observation = observation
        facts.observedAt = Self.now
        facts.tlsVersion = "TLSv1.3"
        facts.tlsGroup = "X25519"
        let end = Self.now + left * 86400
        facts.shown = .init(
            organization: organization, issuer: "CN=T1,O=Trust", keyType: "EC", keyBits: 256,
            validity: ValidityPeriod(from: end - lifetime * 86400 + 1, through: end))
        return facts
    }

    private func statistics(_ hosts: [HostFacts], _ domains: [DomainFacts]) throws -> Statistics {
        // In two parts, as threads count them.
        var builders = [HostIndexBuilder(), HostIndexBuilder()]
        var counts = [HostTotals(), HostTotals()]
        for (number, host) in hosts.enumerated() {
            builders[number % 2].add(host, suffixes: TestSuffixes())
            counts[number % 2].add(host)
        }
        builders[0].merge(builders[1])
        counts[0].merge(counts[1])
        let empty = DomainTotals(
            catalogue: try testCatalogue(), suffixes: TestSuffixes(),
            directory: builders[0].directory(few: 5))
        var parts = [empty, empty]
        for (number, domain) in domains.enumerated() { parts[number % 2].add(domain) }
        parts[0].merge(parts[1])
        parts[0].add(counts[0])
        return Statistics(parts[0])
    }

    private func rows(_ statistics: Statistics, _ name: String) throws -> [String: [Int]] {
        let table = try #require(statistics.table(name))
        return Dictionary(
            uniqueKeysWithValues: table.dropZeros().rows.map {
                ($0.labels.joined(separator: "/"), $0.counts)
            })
    }

    @Test func hostsCountOnceAndDomainsByTheFirst() throws {
        var old = HostFacts(host: "mx.old.test", status: .tlsOldVersion, dane: .none)
        old.observation = 7
        let hosts = [
            host("mx.a.test", lifetime: 90, left: 60),
            host("mx.b.test", organization: nil, lifetime: 6, left: 3),
            host("mx.c.test", lifetime: 398, left: 39, errors: [.selfSigned]), old,
        ]
        var domains = (0..<3).map { domain("d\($0).test", hosts: ["mx.a.test", "mx.b.test"]) }
        domains[0].policy = .ok
        domains[0].mode = .enforce
        domains[1].record = .absent
        domains.append(domain("e.test", hosts: ["mx.old.test"]))
        for place in domains.indices {
            for other in domains[place].hosts.indices {
                domains[place].hosts[other].observation = place == 3 ? 7 : 1
            }
        }
        // Another observation of a host is another record.
        domains.append(domain("f.test", hosts: ["mx.a.test"]))
        domains[4].hosts[0].observation = 2
        let statistics = try statistics(hosts, domains)
        #expect(
            try rows(statistics, "host_issuers") == [
                "Trust": [1, 3, 2, 1], "(none)": [1, 0, 0, 0], "(self-signed)": [1, 0, 0, 0],
            ])
        #expect(
            try rows(statistics, "host_versions") == [
                "TLSv1.3": [3, 3, 2, 1], "TLSv1.1 or older": [1, 1, 1, 0],
            ])
        #expect(
            try rows(statistics, "host_groups") == [
                "X25519": [3, 3, 2, 1], "(none)": [1, 1, 1, 0],
            ])
        #expect(try rows(statistics, "host_keys") == ["EC/256": [3, 3, 2, 1]])
        let left = try rows(statistics, "host_lifetime_left")
        #expect(left["33-66/a third to two thirds left"] == [2, 3, 2, 1])
        #expect(left["0-9/less than a tenth left"] == [1, 0, 0, 0])
        let base = try #require(statistics.table("host_issuers")?.base)
        #expect(base.count == 3)
    }

    @Test(
        "a lifetime is in the range of its days",
        arguments: [
            (-1, "below 0"), (0, "0-7"), (6, "0-7"), (7, "0-7"), (8, "8-47"), (45, "8-47"),
            (47, "8-47"), (48, "48-90"), (90, "48-90"), (100, "91-100"), (199, "101-200"),
            (200, "101-200"), (201, "201-398"), (398, "201-398"), (399, "399-"), (3650, "399-"),
        ])
    func lifetimes(days: Int, bucket: String) {
        #expect(LifetimeBucket(days: days).rawValue == bucket)
    }

    @Test(
        "what is left is a part of the lifetime",
        arguments: [
            (6, 3, "33-66"), (90, 3, "0-9"), (90, 29, "10-32"), (90, 30, "33-66"),
            (90, 89, "67-100"), (398, 39, "0-9"), (398, 40, "10-32"), (6, -1, "expired"),
            (6, 7, "not_yet_valid"),
        ])
    func remaining(lifetime: Int64, left: Int64, bucket: String) {
        let end = Self.now + left * 86400
        let validity = ValidityPeriod(from: end - lifetime * 86400 + 1, through: end)
        #expect(RemainingLifetime(validity, at: Self.now).rawValue == bucket)
    }

    @Test func microsoftHasOldAndNewNames() throws {
        let old = "a-test.mail.protection.outlook.com"
        let new = "a-test.b-v1.mx.microsoft"
        var domains = [
            domain("a.test", hosts: [old]), domain("b.test", hosts: [new]),
            domain("c.test", hosts: [new, old]), domain("d.test", hosts: ["mx.microsoft"]),
            domain("e.test", hosts: ["x.mail.protection.outlook.com.test"]),
        ]
        domains[0].dane = .insecure
        domains[1].dane = .ok
        domains[2].dane = DomainDANEStatus.none
        let statistics = try statistics([], domains)
        let rows = try rows(statistics, "microsoft_mx")
        #expect(rows.values.allSatisfy { $0[0] == 1 } && rows.count == 3)
        #expect(rows["new/*.mx.microsoft"]?.prefix(3) == [1, 1, 1])
        #expect(rows["old/*.mail.protection.outlook.com"]?.prefix(3) == [1, 0, 0])
        #expect(rows["both/both"]?.prefix(3) == [1, 1, 0])
    }
}
