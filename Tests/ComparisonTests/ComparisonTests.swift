import Changes
import Comparison
import SampleFolders
import ScanFolder
import Testing

private let day = Int64(86_400)
private let start = Int64(1_700_000_000)

/// A later scan than those of the samples.
private func later(
    _ domains: [SampleDomain], state: SampleFolder.State = .complete, list: String = "list"
) throws -> SampleFolder {
    try SampleFolder(domains, state: state, startedAt: start + day, list: list)
}

private func compare(
    _ old: SampleFolder, _ new: SampleFolder, partial: Bool = false
) throws -> ScanComparison {
    try ScanComparison(old: [old.path], new: [new.path], partial: partial)
}

extension ScanComparison {
    /// What has changed, by domain.
    fileprivate var found: [String: [Change]] {
        Dictionary(uniqueKeysWithValues: changes.map { ($0.domain, $0.changes) })
    }
}

@Suite struct `two scans` {
    @Test func `of the same domains differ in nothing`() throws {
        let domains = (0..<50).map { number in
            let domain = SampleDomain("d\(number).example")
            return number.isMultiple(of: 2) ? domain.policy("enforce") : domain
        }
        let comparison = try compare(try SampleFolder(domains), try later(domains.reversed()))
        #expect(comparison.changes.isEmpty && comparison.cautions == [])
        #expect(comparison.old.domains == 50 && comparison.new.domains == 50)
        #expect(comparison.old.records == 25 && comparison.new.records == 25)
        #expect(comparison.old.startedAt == "2023-11-14T22:13:20Z")
        #expect(ChangeCounts(of: comparison.changes).domains == 0)
    }

    @Test func `tell what has become of each domain`() throws {
        let none = SampleDomain("a.example")
        let enforce = none.policy("enforce")
        var gone = enforce
        gone.policy = nil
        var moved = enforce
        moved.mx = ["mx1.host.test"]
        var reports = none
        reports.asksForReports = true
        var unknown = enforce
        unknown.isRecordUnknown = true
        let cases: [(String, SampleDomain, SampleDomain, [Change])] = [
            ("adopted", none, enforce, [.adopted, .protectionGained]),
            (
                "dropped", enforce, none, [.dropped, .vanishedWithinMaxAge, .protectionLost]
            ),
            (
                "testing", none.policy("testing"), none.policy("enforce", id: "2"),
                [.policyUpdated, .modeRaised, .protectionGained]
            ),
            (
                "withdrawn", enforce, gone,
                [.policyWithdrawn, .vanishedWithinMaxAge, .broken, .protectionLost, .faultNew]
            ),
            (
                "moved", enforce, moved,
                [.mxMoved, .policyOutdated, .broken, .protectionLost, .faultNew]
            ), ("reports", none, reports, [.tlsrptAdopted]),
            ("silent", reports, none, [.tlsrptDropped]),
            ("unknown", enforce, unknown, [.recordUnknownNow]),
            ("renewed", enforce, none.policy("enforce", id: "2"), [.idChangedPolicySame]),
            ("same", enforce, enforce, []),
        ]
        func named(_ name: String, _ domain: SampleDomain) -> SampleDomain {
            var domain = domain
            domain.name = "\(name).example"
            return domain
        }
        let comparison = try compare(
            try SampleFolder(cases.map { named($0.0, $0.1) }),
            try later(cases.map { named($0.0, $0.2) }))
        for (name, _, _, changes) in cases {
            #expect(comparison.found["\(name).example"] ?? [] == changes, "\(name)")
        }
        #expect(comparison.new.unknown == 1)
    }

    @Test func `of different lists tell which domains came and went`() throws {
        let domains = ["a.example", "b.example", "c.example"].map {
            SampleDomain($0).policy("enforce")
        }
        let bare = SampleDomain("d.example")
        let comparison = try compare(
            try SampleFolder(Array(domains[..<2])),
            try later(Array(domains[1...]) + [bare], list: "other"))
        #expect(comparison.found == ["a.example": [.leftList], "c.example": [.joinedList]])
        #expect(comparison.cautions == ["the two scans have read different lists"])
    }

    @Test func `have their changes counted`() throws {
        let domains = (0..<3).map { SampleDomain("d\($0).example").policy("testing") }
        let raised = domains.map { SampleDomain($0.name).policy("enforce", id: "2") }
        let comparison = try compare(
            try SampleFolder(domains), try later(raised[..<2] + [domains[2]]))
        let counts = ChangeCounts(of: comparison.changes)
        #expect(counts.domains == 2 && counts.changes["mode_raised"] == 2)
        #expect(counts.changes["adopted"] == 0, "each kind of change is named")
        #expect(counts.modes.map(\.from) == ["testing"] && counts.modes.map(\.to) == ["enforce"])
        #expect(counts.modes.map(\.domains) == [2])
        #expect(counts.verdicts.map(\.from) == ["testing_ok"])
        #expect(counts.verdicts.map(\.to) == ["protected_sts"])
        let line = counts.line(of: comparison)
        #expect(line.contains(#""mode_raised":2"#) && !line.contains("\n"))
    }
}

@Suite struct `a scan that is not whole` {
    private static let domains = (0..<6).map { SampleDomain("d\($0).example").policy("enforce") }
    private static let first = "domains-00000.ndjson.zst"

    @Test func `is compared as far as it goes where it is unfinished`() throws {
        let whole = try SampleFolder(Self.domains)
        let stopped = try later(Array(Self.domains[..<4]), state: .stopped)
        let comparison = try compare(whole, stopped)
        #expect(comparison.changes.isEmpty, "what has no record yet has not left the list")
        #expect(comparison.new.domains == 4)
        #expect(comparison.cautions.contains { $0.contains("is unfinished (stopped)") })
        #expect(comparison.cautions.contains { $0.hasSuffix("has no record of is not compared") })
        let reverse = try compare(stopped, whole)
        #expect(reverse.changes.isEmpty, "nor has it joined it")
    }

    @Test func `is refused where it is damaged, unless what is there is wanted`() throws {
        let (old, new) = (try SampleFolder(Self.domains), try later(Self.domains))
        try new.change(Self.first) { $0.removeLast(10) }
        for pair in [(old, new), (new, old)] {
            let error = #expect(throws: ComparisonError.self) { try compare(pair.0, pair.1) }
            #expect(error?.description.contains(Self.first) == true)
            let comparison = try compare(pair.0, pair.1, partial: true)
            #expect(comparison.changes.isEmpty)
            #expect(comparison.cautions.contains { $0.contains("is damaged") })
        }
        let domains = try compare(old, new, partial: true).new.domains
        #expect((1..<6).contains(domains), "the frames before are read")
    }

    @Test func `is found by its digest alone where it is altered`() throws {
        let (old, new) = (try SampleFolder(Self.domains), try later(Self.domains))
        // A bit of the first frame's header that decoders pay no heed to.
        try new.change(Self.first) { $0[4] ^= 0b0001_0000 }
        let error = #expect(throws: ComparisonError.self) { try compare(old, new) }
        #expect(error?.description.contains("was altered") == true)
    }

    @Test func `is refused in any case where it has no manifest, or is none`() throws {
        let (old, new) = (try SampleFolder(Self.domains), try later(Self.domains))
        try new.change(StoredManifest.fileName) { $0 = Array("{}".utf8) }
        for partial in [false, true] {
            #expect(throws: ComparisonError.self) { try compare(old, new, partial: partial) }
            #expect(throws: ComparisonError.self) {
                try ScanComparison(old: ["/nowhere"], new: [old.path], partial: partial)
            }
        }
    }
}
