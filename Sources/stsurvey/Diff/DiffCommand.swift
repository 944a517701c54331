import ArgumentParser
internal import Changes
import Comparison
import Console
import Records
import ScanFolder

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Show what has changed between two scans of a list.",
        discussion: """
            Domains are matched by name, whatever their order. What could not be looked up in one \
            of the two scans is neither new nor gone: it is listed separately. Only domains that \
            have an MTA-STS record in one of the two are compared.

            With --vantages the two are views of one list from two places: the MX hosts that \
            differ, in which key and how often, and the verdicts that differ.

            Examples:
              stsurvey diff results/may results/june
              stsurvey diff results/may results/june --json > changes.ndjson
              stsurvey diff results/here results/there --vantages
            """)

    /// Lines are written when they have so many octets together.
    private static let writtenBytes = 64 << 10

    @Argument(help: "The folder of the earlier scan.", completion: .directory)
    var old: String

    @Argument(help: "The folder of the later scan.", completion: .directory)
    var new: String

    @Flag(
        help: "Print NDJSON: a line for each domain that changed, and a last one with the counts.")
    var json = false

    @Flag(help: "Print the counts without the domains.")
    var counts = false

    @Flag(help: "Compare hosts and verdicts of one list as seen from two places.")
    var vantages = false

    @Flag(help: "Compare what can be read of damaged folders, and say so.")
    var partial = false

    func run() throws {
        guard !vantages else { return try compareVantages() }
        let comparison: ScanComparison
        do throws(ComparisonError) {
            comparison = try ScanComparison(old: old, new: new, partial: partial)
        } catch {
            throw CommandFailure(error)
        }
        for caution in comparison.cautions { Message.warning(caution) }
        if json {
            try writeJSON(comparison)
        } else {
            try StandardOutput.writeLine(DiffText(comparison).text(isBrief: counts))
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
        guard json else { return try StandardOutput.writeLine(text.text(isBrief: counts)) }
        for line in text.lines(isBrief: counts) { try StandardOutput.writeLine(line) }
    }

    private func writeJSON(_ comparison: ScanComparison) throws(CommandFailure) {
        let encoder = RecordEncoder(Schema.change)
        var lines = LineBuffer()
        for change in comparison.changes where !counts {
            encoder.appendLine(change, to: &lines)
            guard lines.count >= Self.writtenBytes else { continue }
            try StandardOutput.write(lines.text)
            lines.removeAll()
        }
        let counts = ChangeCounts(of: comparison.changes)
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
