import ArgumentParser
import Comparison
import Scan
import Survey

struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Tell what has changed between two scans of a list.",
        discussion: """
            Domains are told by their names, whatever their order. What could not be looked up in \
            one of the two scans has neither come nor gone: it is told apart. Compared are the \
            domains that have an MTA-STS record in one of the two.
            """)

    @Argument(help: "The folder of the earlier scan.")
    var old: String

    @Argument(help: "The folder of the later scan.")
    var new: String

    @Flag(
        help: "Print NDJSON: a line for each domain that changed, and a last one with the counts.")
    var json = false

    @Flag(help: "Print the counts without the domains.")
    var counts = false

    func run() throws {
        let comparison: ScanComparison
        do throws(ComparisonError) {
            comparison = try ScanComparison(old: old, new: new)
        } catch {
            Message.write("stsurvey: error: \(Message.visible(error.description))\n")
            if case .noScan = error { throw ExitCode.usage }
            throw ExitCode.inputOutput
        }
        for caution in comparison.cautions { tell("warning", caution) }
        for problem in comparison.problems { tell("error", problem) }
        if json { printJSON(comparison) } else { print(DiffText(comparison).text(isBrief: counts)) }
        if !comparison.problems.isEmpty { throw ExitCode.input }
    }

    private func tell(_ kind: String, _ text: String) {
        Message.write("stsurvey: \(kind): \(Message.visible(text))\n")
    }

    private func printJSON(_ comparison: ScanComparison) {
        let encoder = RecordEncoder(Schema.change)
        var line = LineBuffer()
        for change in comparison.changes where !counts {
            line.removeAll()
            encoder.appendLine(change, to: &line)
            print(line.text, terminator: "")
        }
        let counts = ChangeCounts(of: comparison.changes)
        print(counts.line(old: comparison.old, new: comparison.new))
    }
}
