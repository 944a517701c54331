import ArgumentParser
import ScanFolder

struct FetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Fetch policies that are given by their hosts, one record for each line.",
        discussion: """
            A line is a policy host, such as mta-sts.example.org, or a record (NDJSON) with the \
            key 'host'. 'judge' joins the records with those of domains. A run into a folder that \
            was stopped or killed goes on with --resume.

            Examples:
              stsurvey fetch policy-hosts.txt --output results/policies
              sort -u policy-hosts.txt | stsurvey fetch - --output - > policies.ndjson
              stsurvey fetch --resume results/policies
            """)

    @OptionGroup var arguments: TargetArguments<OfFetch>

    func run() throws { try arguments.run(.policies) }
}
