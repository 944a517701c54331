import ArgumentParser
import Console
import ScanFolder
import Verify

struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "Check that a scan's folder is complete and correct.",
        discussion: """
            Reads everything: the manifest and its checksum, each file's SHA-256 and each frame's \
            checksum, each record against the schema, \
            one record for each entry and each host, the hosts that domains refer to, the totals \
            and the digests of the lists. A scan that is unfinished is checked as far as its last \
            checkpoint. Exits with 1 where something is wrong.

            Examples:
              stsurvey verify results/first
              stsurvey verify results/first --json
              stsurvey verify results/part-0 results/part-1
            """)

    @Argument(
        help: "The folder of a scan, finished or not; or those of its shards.",
        completion: .directory)
    var folders: [String]

    @Flag(help: "Print the report as JSON.")
    var json = false

    @Option(in: 0...1_000_000_000, help: "Problems of each kind that are printed. All are counted.")
    var limit = 20

    func run() throws {
        var verification = Verification(folders)
        verification.problemLimit = limit
        let report: VerificationReport
        do throws(FolderError) {
            report = try verification.run()
        } catch {
            throw CommandFailure(error)
        }
        try StandardOutput.writeLine(
            json ? report.json : report.lines.map(Message.visible).joined(separator: "\n"))
        guard report.problemCount == 0 else { throw ExitReason.notRight.code }
    }
}
