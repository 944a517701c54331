import Archive
import ArgumentParser
import Console
import Probe
import Rejudge
import Scan
import ScanFolder

struct JudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract:
            "Join the facts of domains, MX hosts and policies to final records, without network "
            + "traffic.",
        discussion: """
            Each argument is the folder of a finished scan, a file of records (.ndjson or \
            .ndjson.zst) or - for standard input. A domain is judged by the newest record of each \
            of its MX hosts, and by the newest record of its policy where --policies has one. \
            'scan' does the same in one process. With another vantage's hosts it says what mail \
            from there meets.

            Examples:
              stsurvey judge results/names --hosts results/hosts -o results/joined
              stsurvey judge names --hosts hosts.ndjson --policies policies.ndjson -o new
              zcat names.gz | stsurvey judge - --hosts hosts.ndjson -o - > judged.ndjson
              stsurvey judge results/here --hosts results/there --output results/from-there
            """)

    @Argument(help: "Domain records.", completion: .file())
    var domains: [String]

    @Option(
        parsing: .upToNextOption, help: ArgumentHelp("Host records.", valueName: "hosts"),
        completion: .file())
    var hosts: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Policy records, as 'fetch' writes them.", valueName: "policies"),
        completion: .file())
    var policies: [String] = []

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The folder to write, new or empty, or - for domain records on standard output.",
            valueName: "dir"),
        completion: .directory)
    var output: String

    @Flag(
        help: """
            Judge although hosts or policies have no record: they count as not probed and not \
            fetched.
            """)
    var partial = false

    @OptionGroup var options: DeclaredOptions<OfJudge>

    func run() throws {
        let options = try self.options.readOptions()
        var judging = Judging(domains, hosts: hosts)
        judging.policies = policies
        judging.choice = HostChoice(scope: options.probeScope, limit: options.mxHostLimit)
        judging.trustsAD = options.trustsAD
        judging.isPartial = partial
        judging.preload = options.preload
        judging.networks = options.networks
        if output == "-" { try StandardOutput.endWhenUnread() }
        let report: JudgingReport
        do throws(FolderError) {
            report = try judging.run(into: target)
        } catch {
            throw CommandFailure(error)
        }
        for caution in report.cautions { Message.warning(caution) }
        let lines = report.lines.map(Message.visible).joined(separator: "\n")
        guard output == "-" else { return try StandardOutput.writeLine(lines) }
        Message.write("stsurvey: \(lines)\n")
    }

    private var target: Judging.Output {
        guard output == "-" else { return .folder(output) }
        return .lines { (lines) throws(ArchiveError) in
            do throws(CommandFailure) {
                try StandardOutput.write(lines)
            } catch {
                throw .unwritable("standard output", reason: error.message)
            }
        }
    }
}
