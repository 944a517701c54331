import ArgumentParser
import ScanFolder

struct ProbeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Probe MX hosts that are given, one record for each line.",
        discussion: """
            A line is a name, or a host record (NDJSON). Records of '--only addresses' are probed \
            without being asked for again. 'judge' joins the records with those of domains. A run \
            into a folder that was stopped or killed goes on with --resume.

            Examples:
              stsurvey probe hosts.txt --output results/hosts
              stsurvey probe hosts.txt --only addresses --output - > addresses.ndjson
              stsurvey probe addresses.ndjson --output results/hosts
              stsurvey probe --resume results/hosts
            """)

    @OptionGroup var arguments: TargetArguments<OfProbe>

    func run() throws { try arguments.run(.hosts) }
}
