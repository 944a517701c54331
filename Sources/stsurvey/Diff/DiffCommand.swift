import ArgumentParser
import Changes
import Comparison
import Console
import Judgement
import Records
import ScanFolder

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what has changed between two scans of a list.",
        discussion: """
            Domains are matched by name, whatever their order. What could not be looked up in one \
            of the two scans is neither new nor gone: it is listed separately. Of domains without \
            an MTA-STS record in both, DANE, TLSRPT, certificates and what must be mended are \
            compared.

            --only and --fail-on take kinds of changes, and verdicts: those mean domains that have \
            the verdict now and had another before. Kinds: \
            \(Change.allCases.map(\.rawValue).joined(separator: ", ")). Columns of tables: \
            \(ChangeColumn.all.map(\.name).joined(separator: ", ")), and list.NAME for a column \
            that the scan has carried.

            With --vantages the two are views of one list from two places: the MX hosts that \
            differ, in which key and how often, and the verdicts that differ.

            Examples:
              stsurvey diff results/may results/june
              stsurvey diff results/may results/june --only fault_new,protection_lost
              stsurvey diff results/may results/june --only refused --format csv > new.csv
              stsurvey diff results/may results/june --fail-on protection_lost --counts
              stsurvey diff results/may results/june --json > changes.ndjson
              stsurvey diff results/here results/there --vantages
            """)

    /// Lines are written when they have so many octets together.
    private static let writtenBytes = 64 << 10

    @Argument(help: "The folder of the earlier scan.", completion: .directory)
    var old: String

    @Argument(help: "The folder of the later scan.", completion: .directory)
    var new: String

    @Option(
        help: ArgumentHelp(
            "Domains with such a change, or such a new verdict. Can be repeated.",
            valueName: "kind|verdict,…"),
        completion: .list(ChangeSelector.names))
    var only: [String] = []

    @Option(
        help: ArgumentHelp(
            """
            End with exit code 1 where a domain has such a change, or such a new verdict. Can be \
            repeated.
            """, valueName: "kind|verdict,…"),
        completion: .list(ChangeSelector.names))
    var failOn: [String] = []

    @Option(help: "The form of the list.")
    var format: OutputForm = .text

    @Option(
        help: ArgumentHelp(
            "The columns of CSV and TSV, separated by commas. By default all that every scan has.",
            valueName: "name,…"))
    var columns: String?

    @Flag(
        help: """
            The same as --format ndjson: a line for each domain that changed, and a last one with \
            the counts.
            """)
    var json = false

    @Flag(help: "Print the counts without the domains.")
    var counts = false

    @Flag(help: "Compare hosts and verdicts of one list as seen from two places.")
    var vantages = false

    @Flag(help: "Compare what can be read of damaged folders, and say so.")
    var partial = false

    func validate() throws {
        guard !json || format == .text || format == .ndjson else {
            throw ValidationError("--json and --format \(format.rawValue): take one")
        }
        guard columns == nil || format.table != nil else {
            throw ValidationError("--columns is for --format csv and tsv")
        }
        guard !counts || format.table == nil else {
            throw ValidationError("--counts is for text and --json: a table has the domains")
        }
        _ = try chosenColumns()
        _ = try Self.selectors(only, of: "--only")
        _ = try Self.selectors(failOn, of: "--fail-on")
    }

    func run() throws {
        guard !vantages else { return try compareVantages() }
        let comparison: ScanComparison
        do throws(ComparisonError) {
            comparison = try ScanComparison(old: old, new: new, partial: partial)
        } catch {
            throw CommandFailure(error)
        }
        for caution in comparison.cautions { Message.warning(caution) }
        let wanted = try Self.selectors(only, of: "--only")
        let shown =
            wanted.isEmpty
            ? comparison.changes
            : comparison.changes.filter { change in wanted.contains { $0.matches(change) } }
        if let form = format.table {
            try writeTable(shown, form)
        } else if json || format == .ndjson {
            try writeJSON(shown, of: comparison)
        } else {
            try StandardOutput.write(DiffText(shown, of: comparison).text(isBrief: counts))
        }
        try failOnWanted(comparison.changes)
    }

    // MARK: Choices

    private static func selectors(_ texts: [String], of option: String) throws -> [ChangeSelector] {
        try texts.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }.map {
            guard let selector = ChangeSelector(String($0)) else {
                throw ValidationError(
                    "\(option) takes \(ChangeSelector.names.joined(separator: ", ")), not '\($0)'")
            }
            return selector
        }
    }

    private func compareVantages() throws {
        let comparison: VantageComparison
        do throws(FolderError) {
            comparison = try VantageComparison(old, new, partial: partial)
        } catch {
            throw CommandFailure(error)
        }
        for caution in comparison.cautions { Message.warning(caution) }
        let text = VantageText(comparison)
        guard json || format == .ndjson else {
            return try StandardOutput.writeLine(text.text(isBrief: counts))
        }
        for line in text.lines(isBrief: counts) { try StandardOutput.writeLine(line) }
    }

    private func chosenColumns() throws -> [ChangeColumn] {
        guard let columns else { return ChangeColumn.all }
        return try columns.split(separator: ",", omittingEmptySubsequences: false).map { name in
            guard let column = ChangeColumn.named(String(name)) else {
                let names = ChangeColumn.all.map(\.name) + ["list.NAME"]
                throw ValidationError(
                    "--columns takes \(names.joined(separator: ", ")), not '\(name)'")
            }
            return column
        }
    }

    /// Ends with what is said of `scan --fail-on`, where something of it occurs.
    private func failOnWanted(_ changes: [ChangeRecord]) throws {
        let found = try Self.selectors(failOn, of: "--fail-on").compactMap { selector -> String? in
            let count = changes.count { selector.matches($0) }
            return count > 0 ? "\(counted(count, "domain")) \(selector.name)" : nil
        }
        guard !found.isEmpty else { return }
        throw CommandFailure(.notRight, "--fail-on: " + found.joined(separator: ", "))
    }

    // MARK: Forms

    private func writeTable(_ changes: [ChangeRecord], _ form: TableForm) throws {
        let columns = try chosenColumns()
        var text = form.row(columns.map(\.name))
        for change in changes {
            text += form.row(columns.map { $0.text(change) })
            guard text.utf8.count >= Self.writtenBytes else { continue }
            try StandardOutput.write(text)
            text = ""
        }
        try StandardOutput.write(text)
    }

    private func writeJSON(
        _ changes: [ChangeRecord], of comparison: ScanComparison
    ) throws(CommandFailure) {
        let encoder = RecordEncoder(Schema.change)
        var lines = LineBuffer()
        for change in changes where !counts {
            encoder.appendLine(change, to: &lines)
            guard lines.count >= Self.writtenBytes else { continue }
            try StandardOutput.write(lines.text)
            lines.removeAll()
        }
        let counts = ChangeCounts(of: changes)
        try StandardOutput.writeLine(lines.text + counts.line(of: comparison))
    }
}

extension CommandFailure {
    fileprivate init(_ error: ComparisonError) {
        switch error {
        case .folder(let error): self.init(error)
        case .noPublicSuffixList: self.init(.missingInput, error.description)
        }
    }
}
