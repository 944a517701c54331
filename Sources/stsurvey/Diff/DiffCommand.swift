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
              stsurvey diff --before may-0 may-1 --after june-0 june-1
            """)

    /// Lines are written when they have so many octets together.
    private static let writtenBytes = 64 << 10

    @Argument(
        help: ArgumentHelp(
            "The folders of the earlier scan and of the later one.", valueName: "folder"),
        completion: .directory)
    var folders: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The folders of the earlier scan, where they are those of shards.",
            valueName: "folder"), completion: .directory)
    var before: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The folders of the later scan, where they are those of shards.",
            valueName: "folder"), completion: .directory)
    var after: [String] = []

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

    @OptionGroup var form: ListForm

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

    /// The folders of the earlier scan and of the later one; nil where they are not clear.
    private var chosenSides: (old: [String], new: [String])? {
        switch (folders.count, before.isEmpty, after.isEmpty) {
        case (2, true, true): ([folders[0]], [folders[1]])
        case (0, false, false): (before, after)
        default: nil
        }
    }

    func validate() throws {
        guard chosenSides != nil else {
            throw ValidationError(
                "name two folders, of the earlier and of the later scan; of shards: "
                    + "--before FOLDER… --after FOLDER…")
        }
        guard !json || [.text, .ndjson].contains(form.format) else {
            throw ValidationError("--json and --format \(form.format.rawValue): take one")
        }
        guard !counts || form.format.table == nil else {
            throw ValidationError("--counts is for text and --json: a table has the domains")
        }
        let _: [ChangeColumn] = try form.chosenColumns()
        _ = try Self.selectors(only, of: "--only")
        _ = try Self.selectors(failOn, of: "--fail-on")
    }

    func run() throws {
        guard let sides = chosenSides else { preconditionFailure("the arguments were checked") }
        guard !vantages else { return try compareVantages(sides) }
        let comparison: ScanComparison
        do throws(ComparisonError) {
            comparison = try ScanComparison(old: sides.old, new: sides.new, partial: partial)
        } catch {
            throw CommandFailure(error)
        }
        for caution in comparison.cautions { Message.warning(caution) }
        let wanted = try Self.selectors(only, of: "--only")
        let shown =
            wanted.isEmpty
            ? comparison.changes
            : comparison.changes.filter { change in wanted.contains { $0.matches(change) } }
        if let table = form.format.table {
            try writeTable(shown, table)
        } else if json || form.format == .ndjson {
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

    private func compareVantages(_ sides: (old: [String], new: [String])) throws {
        let comparison: VantageComparison
        do throws(FolderError) {
            comparison = try VantageComparison(sides.old, sides.new, partial: partial)
        } catch {
            throw CommandFailure(error)
        }
        for caution in comparison.cautions { Message.warning(caution) }
        let text = VantageText(comparison)
        guard json || form.format == .ndjson else {
            return try StandardOutput.writeLine(text.text(isBrief: counts))
        }
        for line in text.lines(isBrief: counts) { try StandardOutput.writeLine(line) }
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

    private func writeTable(_ changes: [ChangeRecord], _ table: TableForm) throws {
        let columns: [ChangeColumn] = try self.form.chosenColumns()
        var text = table.row(columns.map(\.name))
        for change in changes {
            text += table.row(columns.map { $0.text(change) })
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
