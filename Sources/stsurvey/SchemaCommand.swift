public import ArgumentParser
internal import Changes
public import Records
import Scan

struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the schema of the records, for their readers.",
        discussion: """
            Records with a policy are rare, and readers that infer types from the first rows lose \
            what comes later: give them the schema.

            Examples:
              stsurvey schema > domain.schema.json
              stsurvey schema --record host --format duckdb
            """)

    /// The kinds of records.
    enum Kind: String, CaseIterable, ExpressibleByArgument {
        case domain
        case host
        case policy
        case change
    }

    @Option(
        help: ArgumentHelp(
            "The format. markdown lists the fields, taxonomy the values of all statuses.",
            valueName: "format"))
    var format = SchemaFormat.jsonschema

    @Option(
        help: ArgumentHelp(
            "The kind of records. policy is what fetch writes, change what diff --json prints.",
            valueName: "record"))
    var record = Kind.domain

    func run() throws {
        let text =
            switch record {
            case .domain: Schema.domain.text(as: format)
            case .host: Schema.host.text(as: format)
            case .policy: Schema.policy.text(as: format)
            case .change: Schema.change.text(as: format)
            }
        try StandardOutput.writeLine(text)
    }
}

extension SchemaFormat: ExpressibleByArgument {}

/// Prints the manual's page of options; it is not in the help.
struct OptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "options",
        abstract: "Print the options of scan, check and rejudge as tables in Markdown.",
        shouldDisplay: false)

    func run() throws { try StandardOutput.writeLine(OptionPage.text) }
}
