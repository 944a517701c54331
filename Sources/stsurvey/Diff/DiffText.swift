import Changes
import Comparison
import Console
import Lint
import Records

/// What has changed between two scans, for people.
struct DiffText {
    /// How many moves between two providers are listed.
    private static let moveLimit = 10

    private let comparison: ScanComparison
    private let counts: ChangeCounts

    init(_ comparison: ScanComparison) {
        self.comparison = comparison
        counts = ChangeCounts(of: comparison.changes)
    }

    /// The counts, and unless it is to be brief the domains.
    func text(isBrief: Bool) -> String {
        var lines = [heading(comparison.old), heading(comparison.new)]
        lines += comparison.cautions.map { "caution: " + Message.visible($0) } + [""]
        lines.append("\(grouped(counts.domains)) domains have changed:")
        for change in Change.allCases {
            guard let count = counts.changes[change.rawValue], count > 0 else { continue }
            lines.append(row(count, change.rawValue.padded(to: 24) + "  " + change.meaning))
        }
        lines += moves("From mode to mode:", counts.modes)
        lines += moves("Between providers of MX hosts:", counts.mxProviders)
        lines += moves("Between providers of policies:", counts.policyProviders)
        if !isBrief, !comparison.changes.isEmpty { lines += ["", "Domains:"] + domains }
        return lines.joined(separator: "\n")
    }

    private func heading(_ scan: ComparedScan) -> String {
        "\(Message.visible(scan.folder)), begun \(Message.visible(scan.startedAt)): "
            + "\(grouped(scan.domains)) domains, \(grouped(scan.records)) with a record, "
            + "\(grouped(scan.unknown)) not known"
    }

    private func moves(_ title: String, _ moves: [ChangeCounts.Move]) -> [String] {
        guard !moves.isEmpty else { return [] }
        let others = moves.dropFirst(Self.moveLimit)
        var lines = ["", title]
        lines += moves.prefix(Self.moveLimit).map {
            row($0.domains, Message.visible("\($0.from ?? "none") → \($0.to ?? "none")"))
        }
        if !others.isEmpty {
            lines.append(row(others.reduce(0) { $0 + $1.domains }, "in \(others.count) other ways"))
        }
        return lines
    }

    private var domains: [String] {
        comparison.changes.map { record in
            "  " + Message.visible(record.domain).padded(to: 30) + "  "
                + record.changes.map(\.rawValue).joined(separator: ", ")
                + columns(record.columns)
        }
    }

    /// What the list says of a domain beside its name.
    private func columns(_ columns: ListColumns?) -> String {
        guard let columns else { return "" }
        let shown = zip(columns.names, columns.values).map { "\($0): \($1 ?? "none")" }
        return Message.visible("  (\(shown.joined(separator: ", ")))")
    }

    private func row(_ count: Int, _ label: String) -> String {
        let number = grouped(count)
        return String(repeating: " ", count: max(1, 12 - number.count)) + number + "  " + label
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
