import Changes
import Comparison
import Console
import Judgement
import Records

/// What has changed between two scans, for people.
struct DiffText {
    /// How many moves between two providers are listed.
    private static let moveLimit = 10
    /// Where the meaning of a change begins beside its name.
    private static let column = 24

    private let comparison: ScanComparison
    /// The changes that are asked for.
    private let changes: [ChangeRecord]
    private let counts: ChangeCounts
    private let style = PageStyle.ofStandardOutput(.auto)

    init(_ changes: [ChangeRecord], of comparison: ScanComparison) {
        self.comparison = comparison
        self.changes = changes
        counts = ChangeCounts(of: changes)
    }

    /// The counts, and unless it is to be brief the domains.
    func text(isBrief: Bool) -> String {
        var page = Page(style)
        for scan in [comparison.old, comparison.new] { page.add(heading(scan)) }
        for caution in comparison.cautions { page.add("caution: " + caution) }
        page.addGap()
        page.add(summary)
        for change in Change.allCases {
            guard let count = counts.changes[change.rawValue], count > 0 else { continue }
            page.add(
                change.meaning, titled: number(count) + change.rawValue, indent: 0,
                column: 14 + Self.column)
        }
        add("From mode to mode:", counts.modes, to: &page)
        add("From verdict to verdict:", counts.verdicts, to: &page)
        add("Between providers of MX hosts:", counts.mxProviders, to: &page)
        add("Between providers of policies:", counts.policyProviders, to: &page)
        if !isBrief { addDomains(to: &page) }
        return page.text
    }

    private var summary: String {
        let all = comparison.changes.count
        guard changes.count < all else { return "\(counted(all, "domain")) changed:" }
        let asked = "\(grouped(changes.count)) \(changes.count == 1 ? "is" : "are") asked for"
        return "\(counted(all, "domain")) changed, of which \(asked):"
    }

    private func heading(_ scan: ComparedScan) -> String {
        "\(scan.folder), begun \(scan.startedAt): \(counted(scan.domains, "domain")), "
            + "\(grouped(scan.records)) with a record, \(grouped(scan.unknown)) not known"
    }

    private func add(_ title: String, _ moves: [ChangeCounts.Move], to page: inout Page) {
        guard !moves.isEmpty else { return }
        page.addGap()
        page.add(title)
        for move in moves.prefix(Self.moveLimit) {
            page.add("\(move.from ?? "none") → \(move.to ?? "none")", lead: number(move.domains))
        }
        let others = moves.dropFirst(Self.moveLimit)
        guard !others.isEmpty else { return }
        page.add(
            "in \(counted(others.count, "other way"))",
            lead: number(others.reduce(0) { $0 + $1.domains }))
    }

    /// A count at the right of its column.
    private func number(_ count: Int) -> String {
        let text = grouped(count)
        return String(repeating: " ", count: max(1, 12 - text.count)) + text + "  "
    }

    // MARK: Domains

    private func addDomains(to page: inout Page) {
        guard !changes.isEmpty else { return }
        page.addGap()
        page.add("Domains:")
        for record in changes {
            page.addGap()
            page.add(record.domain + columns(record.columns), indent: 2, .strong)
            page.add(record.changes.map(\.rawValue).joined(separator: ", "), indent: 4)
            add("before", record.old, of: record, to: &page)
            add("now", record.new, of: record, to: &page)
        }
    }

    /// What a scan says of mail to the domain, and what causes it.
    private func add(
        _ title: String, _ state: DomainState?, of record: ChangeRecord, to page: inout Page
    ) {
        guard let result = state?.result(for: record.domain) else { return }
        let cause = state?.cause(for: record.domain).map { " " + $0 } ?? ""
        page.add(result + cause, titled: title, indent: 4, column: 8)
    }

    /// What the list says of a domain beside its name.
    private func columns(_ columns: ListColumns?) -> String {
        guard let columns else { return "" }
        let shown = zip(columns.names, columns.values).map { "\($0): \($1 ?? "none")" }
        return "  (\(shown.joined(separator: ", ")))"
    }
}
