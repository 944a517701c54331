import ArgumentParser
import Scan

struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch policies that are given by their hosts, one record for each line.",
        discussion: """
            A line is a policy host, such as mta-sts.example.org, or a record (NDJSON) with the \
            key 'host'. 'judge' joins the records with those of domains.

            Examples:
              stsurvey fetch policy-hosts.txt --output results/policies
              sort -u policy-hosts.txt | stsurvey fetch - --output - > policies.ndjson
            """)

    @Argument(
        help: "Policy hosts: files of names or records, a folder, or - for standard input.",
        completion: .file())
    var inputs: [String] = ["-"]

    @Option(
        name: [.short, .long],
        help: ArgumentHelp(
            "The folder to write, new or empty, or - for standard output.", valueName: "dir"),
        completion: .directory)
    var output: String

    @OptionGroup var options: DeclaredOptions<OfFetch>

    func run() throws {
        var options = try self.options.scanOptions()
        options.output = output
        try runTargets(.policies, options, reading: inputs)
    }
}
