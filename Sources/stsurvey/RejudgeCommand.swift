import ArgumentParser
import Console
import Preload
import Rejudge
import Scan

struct RejudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejudge",
        abstract: "Judge a scan's facts again by this version's rules, without network traffic.",
        discussion: """
            Reads the facts from the records of a finished scan and writes a new folder: the same \
            facts, verdicts by this version's rules, and a manifest that names the source and \
            the verdicts that differ.

            Examples:
              stsurvey rejudge results/first --output results/rejudged
              stsurvey rejudge results/first -o results/located --asn-file asn.mmdb
            """)

    @Argument(
        help: "The folder of a finished scan, or those of its shards.", completion: .directory)
    var folders: [String]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The folder to write. It must be new or empty.", valueName: "dir"),
        completion: .directory)
    var output: String

    @OptionGroup var options: DeclaredOptions<OfRejudge>

    func run() throws {
        let options = try self.options.readOptions()
        var rejudging = Rejudging(folders, output: output)
        rejudging.preload = options.preload
        rejudging.networks = options.networks
        let report: RejudgeReport
        do throws(RejudgeError) {
            report = try rejudging.run()
        } catch .preload(let error) {
            throw CommandFailure(ScanError(error))
        } catch .folder(let error) {
            throw CommandFailure(error)
        }
        try StandardOutput.writeLine(
            report.lines.map(Message.visible).joined(separator: "\n"))
    }
}
