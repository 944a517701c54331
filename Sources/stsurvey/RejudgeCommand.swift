import ArgumentParser
import Rejudge
import Scan

struct RejudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rejudge",
        abstract: "Judge a scan's facts anew, by this version's rules, without a packet.",
        discussion: """
            Reads the facts back from the records of a finished scan and writes a folder of its own: \
            the same facts, verdicts of today, and a manifest that says what it was made from and \
            which verdicts differ.
            """)

    @Argument(help: "The folder of a finished scan.")
    var folder: String

    @Option(name: [.short, .long], help: "The folder to write; it must be new or empty.")
    var output: String

    @OptionGroup var preload: PreloadOption

    func run() throws {
        var options = ScanOptions()
        try preload.apply(to: &options)
        var rejudging = Rejudging(folder, output: output)
        rejudging.preload = options.preload
        let text: String
        do throws(ScanError) {
            text = try rejudging.run().text
        } catch {
            throw CommandFailure(error)
        }
        try StandardOutput.writeLine(text)
    }
}
