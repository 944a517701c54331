import Explanations
import Judgement
import MTASTS
import Observations
import Testing

@testable import Statistics

@Suite struct ReportTests {
    private func faulty(_ name: String, rank: Int?) -> DomainFacts {
        var facts = domain(name, hosts: ["mx1.big.example"])
        facts.rank = rank
        facts.verdict = .refused
        facts.reason = .enforced
        facts.firstFailure = .mxMatch
        return facts
    }

    private func fine(_ name: String, rank: Int?) -> DomainFacts {
        var facts = domain(name, hosts: ["mx1.big.example"])
        facts.rank = rank
        facts.verdict = .protectedSTS
        facts.reason = .enforced
        return facts
    }

    private func domains(limit: Int) throws -> FaultyDomains {
        FaultyDomains(
            limit: limit, catalogue: try testCatalogue(), suffixes: TestSuffixes(),
            directory: HostIndex(), groupsMax: 1000)
    }

    @Test func thoseToBeMendedAreNamedFirstWhateverTheOrder() throws {
        let all =
            (1...3000).map { (number: Int) in fine("fine\(number).test", rank: number) }
            + (1...50).map { (number: Int) in faulty("bad\(number).test", rank: 5000 + number) }
        var forward = try domains(limit: 60)
        all.forEach { forward.add($0) }
        var (one, other) = (try domains(limit: 60), try domains(limit: 60))
        for (place, facts) in all.reversed().enumerated() {
            if place % 3 == 0 { one.add(facts) } else { other.add(facts) }
        }
        one.merge(other)
        let names = forward.named.map(\.domain)
        #expect(names == one.named.map(\.domain))
        #expect(names.count == 60 && forward.candidates == 3050 && one.candidates == 3050)
        #expect(names.prefix(50).elementsEqual((1...50).map { "bad\($0).test" }))
        #expect(names.suffix(10).elementsEqual((1...10).map { "fine\($0).test" }))
    }

    @Test func faultsAreCountedOfAllDomainsAndNoneIsNamedWhereNoneMayBe() throws {
        var domains = try domains(limit: 0)
        for number in 1...40 { domains.add(faulty("bad\(number).test", rank: nil)) }
        domains.add(fine("fine.test", rank: 1))
        #expect(domains.named.isEmpty)
        let section = FaultSection(domains, folder: "results/first")
        #expect(!section.isEmpty)
        #expect(section.html.contains("data-failure=\"mx_match.none\""))
        #expect(section.html.contains("40 domains ask for protection"))
        #expect(!section.html.contains("bad1.test") && !section.html.contains("domain-table"))
    }

    @Test func aBarIsTheShareOfItsRow() {
        let table = StatsTable(
            "t", "T", labels: [.init("name", "a name")],
            columns: [.init("part", "a part"), .init("whole", "the whole")],
            rows: [
                .init(["big"], [30, 1000]), .init(["small"], [9, 40]), .init(["few"], [2, 2]),
            ])
        var bars = BarTable(
            table: table, count: "part", segments: [.init(column: "part", tone: "plain")])
        bars.shareOf = "whole"
        let html = bars.html
        // 22.5 % on a scale to 25 %, 3 % on the same; the row of two is pale.
        #expect(html.contains("<span>0</span><span>25%</span>"))
        #expect(html.contains("x=\"0\" width=\"900\"") && html.contains("x=\"0\" width=\"120\""))
        #expect(html.contains("class=\"few\"") && html.contains("<td class=\"share\">22.5%</td>"))
    }

    @Test func aScaleEndsAtARoundShare() {
        #expect(Scale(largest: 149_000).end == 200_000)
        #expect(Scale(largest: 225_000).end == 250_000)
        #expect(Scale(largest: 0).end == 10_000)
        #expect(Scale(largest: 1_000_000).length(500_000) == 500)
    }

    @Test func logarithms() {
        #expect(abs(logarithm(1024) - 10) < 1e-5)
        #expect(abs(logarithm(0.5) + 1) < 1e-5)
        #expect(abs(logarithm(3) - 1.584_962_5) < 1e-5)
        #expect(logarithm(0) == 0)
    }

    @Test func nothingIsDrawnWhereThereIsNothingToSay() throws {
        let totals = DomainTotals(
            catalogue: try testCatalogue(), suffixes: TestSuffixes(), directory: HostIndex())
        let report = Report(Statistics(totals), nil, .init(folder: "f", program: "p"))
        #expect(report.rankChart == nil && report.maxAgeChart == nil && report.tldChart == nil)
        #expect(report.findings.isEmpty && report.sections.isEmpty)
        #expect(!report.html { _ in "" }.contains("<nav><ul></ul>"))
    }

    @Test func everyStageOfTheFunnelHasWords() throws {
        let totals = DomainTotals(
            catalogue: try testCatalogue(), suffixes: TestSuffixes(), directory: HostIndex())
        let stages = Statistics(totals).table("funnel")?.rows.map { $0.labels[0] } ?? []
        #expect(stages.count > 10 && stages.allSatisfy { stageWords[$0] != nil })
    }

    /// Rows of a table that read the same could not be told apart.
    @Test func valuesOfAVocabularyHaveDifferentShortNames() {
        let names = [
            VerdictReason.allCases.map(\.shortName), STSRecordStatus.allCases.map(\.shortName),
            PolicyFetchStatus.allCases.map(\.shortName), PolicyStatus.allCases.map(\.shortName),
            TLSRPTStatus.allCases.map(\.shortName), NearMiss.allCases.map(\.shortName),
            CertificateStatus.allCases.map(\.shortName),
            DomainDANEStatus.allCases.map(\.shortName), FirstFailure.allCases.map(\.shortName),
        ]
        for names in names {
            #expect(Set(names).count == names.count)
            #expect(names.allSatisfy { !$0.isEmpty && $0.count <= 80 && !$0.contains("RFC") })
        }
    }
}
