import ArgumentParser
import Scan

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Probe MX hosts that are given, one record for each line.",
        discussion: """
            A line is a name, or a host record (NDJSON). Records of '--only addresses' are probed \
            without being asked for again. 'judge' joins the records with those of domains.

            Examples:
              stsurvey probe hosts.txt --output results/hosts
              stsurvey probe hosts.txt --only addresses --output - > addresses.ndjson
              stsurvey probe addresses.ndjson --output results/hosts
            """)

    @Argument(
        help: "MX hosts: files of names or records, a folder, or - for standard input.",
        completion: .file())
    var inputs: [String] = ["-"]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The folder to write, new or empty, or - for standard output.", valueName: "dir"),
        completion: .directory)
    var output: String

    @OptionGroup var options: DeclaredOptions<OfProbe>

    func run() throws {
        var options = try self.options.scanOptions()
        options.output = output
        try runTargets(.hosts, options, reading: inputs)
    }
}
