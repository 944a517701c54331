internal import Judgement
import MTASTS
import Observations
import Testing

@testable import Statistics

@Suite struct CensusTests {
    private func totals(groupsMax: Int = 1000) throws -> DomainTotals {
        DomainTotals(
            catalogue: try testCatalogue(), suffixes: TestSuffixes(), directory: HostIndex(),
            groupsMax: groupsMax)
    }

    private func enforced(_ name: String, host: DomainFacts.Host) -> DomainFacts {
        var facts = domain(name, policy: ["\(name).host.example"])
        facts.hosts = [
            host, DomainFacts.Host(name: "mx2.big.example", certificate: .ok, match: .literal),
        ]
        facts.fetch = .ok
        facts.policy = .ok
        facts.mode = .enforce
        facts.maxAge = 604_800
        facts.verdict = .partial
        return facts
    }

    private func row(_ statistics: Statistics, _ table: String, _ labels: String...) -> [String:
        Int]
    {
        guard let table = statistics.table(table),
            let row = table.rows.first(where: { Array($0.labels.prefix(labels.count)) == labels })
        else { return [:] }
        return Dictionary(uniqueKeysWithValues: zip(table.columns, row.counts))
    }

    @Test func everyTableHasRowsOfItsForm() throws {
        var totals = try totals()
        totals.add(domain("a.test", hosts: ["mx1.big.example"]))
        let statistics = Statistics(totals)
        #expect(statistics.tables.map(\.name) == Statistics.names)
        #expect(Set(Statistics.names).count == Statistics.names.count)
        for table in statistics.tables {
            #expect(!table.columns.isEmpty && Set(table.columns).count == table.columns.count)
            #expect(table.rows.allSatisfy { $0.labels.count == table.labels.count })
            #expect(table.rows.allSatisfy { $0.counts.count == table.columns.count })
        }
    }

    @Test func extentsAndClassesOfHosts() throws {
        var totals = try totals()
        let typo = DomainFacts.Host(
            name: "mx1.big.example", certificate: .expired, match: MXMatch.none, nearMiss: .typo)
        totals.add(enforced("a.test", host: typo))
        var all = enforced("b.test", host: typo)
        all.hosts = [typo]
        totals.add(all)
        let statistics = Statistics(totals)
        let certificates = row(statistics, "mx_certificates", "expired")
        #expect(certificates["all"] == 1 && certificates["partial"] == 1)
        #expect(certificates["enforce_all"] == 1 && certificates["with_record"] == 2)
        let mismatches = row(statistics, "mx_mismatches", "typo")
        #expect(mismatches["domains"] == 2 && mismatches["all"] == 1 && mismatches["enforce"] == 2)
        #expect(row(statistics, "misconfigurations", "any")["domains"] == 2)
        #expect(row(statistics, "same_provider", "different")["all_mismatch"] == 1)
        #expect(row(statistics, "max_age", "604800-1209599")["enforce"] == 2)
        #expect(row(statistics, "policy_providers", "Host")["domains"] == 2)
    }

    @Test func whatCustomersLeaveBehind() throws {
        var totals = try totals()
        var gone = domain("a.test", hosts: ["mx.a.test"], record: ["a.host.example"])
        gone.record = .absent
        totals.add(gone)
        var noHost = domain("b.test", hosts: ["mx.b.test"], record: ["b.host.example"])
        noHost.fetch = .dnsNXDomain
        totals.add(noHost)
        let residue = row(Statistics(totals), "residue", "Host")
        #expect(residue["domains"] == 2 && residue["record_gone"] == 1 && residue["host_gone"] == 1)
        // Without a record there is no policy to be counted.
        #expect(row(Statistics(totals), "policy_providers", "Host")["domains"] == 1)
    }

    @Test func aFindingCountsOnceForADomain() throws {
        var totals = try totals()
        var facts = domain("a.test")
        let finding = DomainFacts.Finding(.certificate, "expired", .warning)
        facts.findings = [finding, finding, DomainFacts.Finding(.certificate, "expired", .error)]
        totals.add(facts)
        #expect(
            row(Statistics(totals), "findings", "certificate", "expired", "warning")["domains"] == 1
        )
        #expect(
            row(Statistics(totals), "findings", "certificate", "expired", "error")["domains"] == 1)
    }

    @Test func partsMakeTheWhole() throws {
        let facts = (0..<300).map { number in
            enforced(
                "d\(number).tld\(number % 7)",
                host: DomainFacts.Host(
                    name: "mx.provider\(number % 11).test",
                    certificate: number % 3 == 0 ? .selfSigned : .ok))
        }
        var whole = try totals()
        var (one, other) = (try totals(), try totals())
        for (number, facts) in facts.enumerated() {
            whole.add(facts)
            if number % 2 == 0 { one.add(facts) } else { other.add(facts) }
        }
        one.merge(other)
        let (parts, all) = (Statistics(one), Statistics(whole))
        for table in all.tables { #expect(parts.table(table.name)?.rows == table.rows) }
    }

    @Test func aFullTableDropsTheSmallestAndKeepsTheTotals() {
        var table = GroupTable<String>(width: 2, capacity: 100)
        for number in 0..<10_000 {
            table.count([0], of: "rare\(number)")
            if number % 10 == 0 { table.count([0, 1], of: "frequent") }
        }
        #expect(table.entries.count <= 100)
        let kept = table.entries.first { $0.key == "frequent" }
        #expect(kept?.counts[0] == 1000)
        let total = table.entries.reduce(table.others[0]) { $0 + $1.counts[0] }
        #expect(total == 11_000)
        #expect(table.entries.reduce(table.others[1]) { $0 + $1.counts[1] } == 1000)
        #expect(table.dropped > 9_800 && table.shortfall > 0)
    }

    @Test func aPolicyCountsWhereSendersHaveIt() throws {
        var totals = try totals()
        let typo = DomainFacts.Host(name: "mx1.big.example", match: MXMatch.none, nearMiss: .typo)
        var bad = enforced("a.test", host: typo)
        bad.record = .badID
        totals.add(bad)
        totals.add(enforced("b.test", host: typo))
        let statistics = Statistics(totals)
        for (table, label) in [
            ("modes", "enforce"), ("mx_mismatches", "typo"), ("max_age", "604800-1209599"),
        ] {
            #expect(row(statistics, table, label)["domains"] == 1, "\(table)")
        }
        let tld = row(statistics, "tlds", "test")
        #expect(tld["records"] == 2 && tld["policies"] == 1 && tld["enforce"] == 1)
        #expect(row(statistics, "funnel", "policy_unused")["domains"] == 1)
        // What is wrong in it is wrong all the same.
        #expect(row(statistics, "misconfigurations", "mx_mismatch")["domains"] == 2)
        #expect(row(statistics, "policy_layers", "ok")["domains"] == 2)
    }

    @Test func ranksAddUpFromTheFirst() throws {
        var totals = try totals()
        for (place, rank) in [1, 1000, 1001, 20_000, nil].enumerated() {
            var facts = domain("d\(place).\(place == 0 ? "org" : "net")")
            facts.rank = rank
            totals.add(facts)
        }
        let statistics = Statistics(totals)
        let cumulative = try #require(statistics.table("ranks_cumulative"))
        #expect(cumulative.rows.map(\.labels) == [["1-1000"], ["1-10000"], ["1-100000"]])
        #expect(cumulative.rows.map { $0.counts[0] } == [2, 3, 4])
        let crossed = try #require(statistics.table("tld_ranks"))
        #expect(
            crossed.rows.map(\.labels) == [
                ["net", "1-1000"], ["net", "1001-10000"], ["net", "10001-100000"],
                ["org", "1-1000"],
            ])
        #expect(crossed.rows.map { $0.counts[0] } == [1, 1, 1, 1])
        #expect(row(statistics, "ranks", "unranked")["domains"] == 1)
    }

    @Test func theHeadlineSaysWhatIsNotKnown() throws {
        var totals = try totals()
        #expect(Statistics(totals).headline == "No domain was scanned.")
        var unknown = domain("a.test")
        unknown.mx = .servfail
        totals.add(unknown)
        #expect(
            Statistics(totals).headline == """
                Of 1 domain scanned, none is known to take mail. Of 1 it is not known whether they \
                take mail.
                """)
        for number in 0..<3 { totals.add(domain("d\(number).test")) }
        let headline = Statistics(totals).headline
        #expect(headline.hasPrefix("Of 4 domains scanned, 3 take mail: 3 (100.0%) of these"))
        var options = Statistics.Options()
        options.isSample = true
        #expect(
            Statistics(totals, options).headline.contains("(100.0%, 95% interval 43.9–100.0%)"))
    }

    @Test func everyLabelAndColumnHasAMeaning() {
        #expect(Set(Statistics.names).isSuperset(of: ["funnel", "ranks_cumulative", "tld_ranks"]))
        for table in Statistics.codebook {
            for meaning in table.rowLabels.map(\.meaning) + table.countColumns.map(\.meaning) {
                #expect(meaning.hasSuffix("."), "\(table.name): \(meaning)")
            }
            for column in table.countColumns {
                guard case .column(let name) = column.whole else {
                    #expect(column.whole == nil || table.base != nil, "\(table.name)")
                    continue
                }
                #expect(table.columns.contains(name), "\(table.name): \(name)")
            }
        }
    }

    @Test(arguments: [24, 40, 80, 200])
    func linesFitTheWidth(width: Int) throws {
        var totals = try totals()
        for number in 0..<50 {
            let host = DomainFacts.Host(name: "mx.a-long-name-of-a-provider-\(number % 7).test")
            totals.add(enforced("d\(number).tld\(number % 3)", host: host))
        }
        for table in Statistics(totals).tables {
            let lines = table.text(width: width).split(separator: "\n")
            #expect(lines.allSatisfy { $0.count <= max(width, 40) }, "\(table.name)")
        }
        let providers = try #require(Statistics(totals).table("mx_providers"))
        #expect(providers.text(width: 60).contains("Not shown, since lines are too short: "))
        #expect(!providers.text().contains("Not shown"))
    }

    // Examples of R. G. Newcombe, Statistics in Medicine 17 (1998), method 3, among them.
    @Test(arguments: [
        (0, 10, 0, 0.277533), (5, 10, 0.236593, 0.763407), (10, 10, 0.722467, 1),
        (81, 263, 0.255289, 0.366210), (1, 29, 0.006113, 0.171755),
    ])
    func wilson(part: Int, whole: Int, low: Double, high: Double) throws {
        let interval = try #require(Share(part, of: whole)?.interval)
        #expect(abs(interval.low - low) < 1e-5 && abs(interval.high - high) < 1e-5)
    }

    @Test func longTablesKeepTheSumOfTheRest() throws {
        var totals = try totals()
        for number in 0..<20 { totals.add(domain("a.tld\(number)")) }
        var options = Statistics.Options()
        options.top = 5
        let table = try #require(Statistics(totals, options).table("tlds"))
        #expect(table.rows.count == 5 && table.rest?.counts[0] == 15)
        #expect(table.csv.split(separator: "\n").count == 7)
    }

    @Test func groupsAndWeightsAreSummed() throws {
        var (one, other) = (try totals(), try totals())
        for (number, (group, weight)) in [
            ("bank", "10"), ("bank", "2.5"), ("city", "1000000000000"), ("city", "x"),
            ("(none)", nil), ("city", "-1"),
        ].enumerated() {
            var facts = domain("d\(number).test")
            facts.group = group
            facts.weight = DomainWeight(weight)
            if number % 2 == 0 { one.add(facts) } else { other.add(facts) }
        }
        one.merge(other)
        #expect(one.hasGroups(otherThan: "(none)") && one.hasWeights)
        var options = Statistics.Options()
        options.group = "sector"
        options.weight = "mails"
        let statistics = Statistics(one, options)
        let groups = try #require(statistics.table("groups"))
        #expect(groups.rows.map(\.labels) == [["city"], ["bank"], ["(none)"]])
        #expect(groups.rows.map { $0.counts[0] } == [3, 2, 1])
        let weights = try #require(statistics.table("weights"))
        let whole = 1_000_000_000_012_500_000
        #expect(weights.rows.first?.counts == [whole, whole, 6, 6])
        #expect(weights.rows.last?.labels == ["weight_unknown", "domains"])
        #expect(weights.rows.last?.counts == [0, whole, 3, 6])
        #expect(weights.note.contains("in millionths"))
        let sums = try #require(statistics.table("group_weights"))
        #expect(sums.rows.map(\.labels) == [["city"], ["bank"]])
        #expect(sums.rows.map { $0.counts[0] } == [1_000_000_000_000_000_000, 12_500_000])
        #expect(Statistics(one).table("groups") == nil)
    }

    @Test(
        "a weight is a number of 0 or more",
        arguments: [
            ("0", 0), ("12", 12_000_000), ("0.000001", 1), ("1.5", 1_500_000),
            ("1.23456789", 1_234_567), ("", nil), (".5", nil), ("1.", nil), ("1,5", nil),
            ("-1", nil), ("1e3", nil), ("NaN", nil), ("1234567890123456789", nil),
        ] as [(String, Int128?)])
    func weights(text: String, millionths: Int128?) {
        #expect(DomainWeight(text).millionths == millionths)
    }

    @Test(arguments: [
        (0, 0, "–"), (0, 10, "0.0%"), (1, 10_000, "0.01%"), (1, 300, "0.33%"), (1, 3, "33.3%"),
        (2, 3, "66.7%"), (10, 10, "100.0%"), (9_996, 10_000, "99.96%"), (5, 1_000, "0.50%"),
        (1, 100_000, "<0.01%"), (1, 20_000, "0.01%"), (19_992, 20_000, "99.96%"),
        (9_990, 10_000, "99.9%"), (99_999, 100_000, ">99.99%"), (20_000, 20_000, "100.0%"),
    ])
    func shares(part: Int, whole: Int, text: String) {
        #expect(percent(part, of: whole) == text)
    }

    @Test(
        "a cell that a spreadsheet would compute is made text, a number stays",
        arguments: [
            ("example.org", "example.org"), ("=1+1", "'=1+1"), ("+49", "+49"), ("-1.5", "-1.5"),
            ("-a", "'-a"), ("-", "'-"), ("@SUM(A1)", "'@SUM(A1)"), ("+1e5", "'+1e5"),
            ("\t=1", "\"'\t=1\""), ("\r=1", "\"'\r=1\""), ("=\"a\"", "\"'=\"\"a\"\"\""),
            ("a,b", "\"a,b\""), ("a;=1", "\"a;=1\""), ("a=1", "a=1"), ("", ""),
        ])
    func cells(text: String, cell: String) {
        #expect(csvField(text) == cell)
    }
}
