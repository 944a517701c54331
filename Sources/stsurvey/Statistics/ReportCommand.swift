import ArgumentParser
import FolderStatistics
import Records
import Scan
import ScanFolder
import Statistics

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Show what a scan found, in one HTML file.",
        discussion: """
            The file needs nothing else: no network, no font, no library. Its figures are those of \
            stats.

            Example:
              stsurvey report results/first --output report.html
            """)

    @Argument(
        help: "The folder of a scan, finished or still running; or those of its shards.",
        completion: .directory)
    var folders: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            """
            The file to write; - is standard output. A regular file is replaced, a symbolic link \
            refused.
            """, valueName: "file"),
        completion: .file())
    var output: String

    @Option(in: 1...100_000, help: "Rows shown of long tables. The rest is summed up.")
    var top = 1000

    @OptionGroup(title: "Counting")
    var counting: StatisticsOptions

    func run() throws {
        let counted = try counting.count(folders, top: top)
        let heading = Report.Heading(
            folder: counted.scan.folder, facts: counted.facts, cautions: counted.folderCautions,
            program: "stsurvey \(programVersion)")
        try OutputFile.write(Report(counted.statistics, heading).html, to: output)
    }
}

extension ScanStatistics {
    fileprivate var facts: [String] {
        [
            scan.lists.isEmpty ? nil : "lists: " + scan.lists.joined(separator: ", "),
            "\(grouped(domains)) domains, \(grouped(hosts)) MX hosts",
            scan.startedAt.map { "begun \($0)" }, scan.endedAt.map { "ended \($0)" }, scan.state,
        ].compactMap(\.self)
    }
}
