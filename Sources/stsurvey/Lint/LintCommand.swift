import ArgumentParser
import Lint
import Scan

struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Judge a record, a policy or a pattern before it is deployed.",
        discussion: """
            The exit code is 0 if the text is valid or the host allowed, and 1 if not. Put -- \
            before a text that begins with a hyphen.

            Examples:
              stsurvey lint record 'v=STSv1; id=20260101'
              stsurvey lint policy mta-sts.txt
              stsurvey lint tlsrpt 'v=TLSRPTv1; rua=mailto:tls@example.org'
              stsurvey lint mx mx1.example.org '*.example.org'
            """,
        subcommands: [
            LintRecordCommand.self, LintPolicyCommand.self, LintReportsCommand.self,
            LintMXCommand.self,
        ])

    func run() throws {
        throw ValidationError("name what to judge: record, policy, tlsrpt or mx")
    }
}

/// What the linters share: how they print.
struct LintOptions: ParsableArguments {
    @Flag(help: "Print one JSON object.")
    var json = false

    /// Prints the report and ends accordingly.
    func finish(_ report: LintReport) throws {
        try StandardOutput.writeLine(json ? report.json : report.text)
        if !report.isValid { throw ExitReason.notRight.code }
    }
}

struct LintRecordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "record", abstract: "Judge the TXT records at _mta-sts.DOMAIN.",
        discussion: """
            Each argument is a record; more than one at a name is a fault of its own.

            Examples:
              stsurvey lint record 'v=STSv1; id=20260101T000000;'
            """)

    @Argument(help: "A TXT record, its strings joined.")
    var txt: [String]

    @OptionGroup var options: LintOptions

    func run() throws {
        try options.finish(LintReport(records: rawArguments(of: txt)))
    }
}

struct LintReportsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tlsrpt", abstract: "Judge the TXT records at _smtp._tls.DOMAIN.",
        discussion: """
            Examples:
              stsurvey lint tlsrpt 'v=TLSRPTv1; rua=mailto:tls@example.org'
            """)

    @Argument(help: "A TXT record, its strings joined.")
    var txt: [String]

    @OptionGroup var options: LintOptions

    func run() throws {
        try options.finish(LintReport(reportRecords: rawArguments(of: txt)))
    }
}

struct LintPolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Judge a policy, as https://mta-sts.DOMAIN/.well-known/mta-sts.txt serves it.",
        discussion: """
            Examples:
              stsurvey lint policy mta-sts.txt
              curl -s https://mta-sts.example.org/.well-known/mta-sts.txt | stsurvey lint policy -
            """)

    @Argument(help: "The file, or - for standard input.", completion: .file())
    var file: String

    @OptionGroup var options: LintOptions

    func run() throws {
        let path = rawArguments(of: [file])[0]
        let body: [UInt8]
        do throws(FileError) {
            // One octet above the limit shows that there is more.
            body = try readFile(path, limit: LintReport.policyOctetsMax + 1)
        } catch {
            throw CommandFailure(.missingInput, "\(path.visibleText): \(error.reason)")
        }
        try options.finish(LintReport(policy: body))
    }
}

struct LintMXCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mx", abstract: "Check whether mx patterns allow a host.",
        discussion: """
            A pattern is a host's name, or *. and a domain: the * stands for exactly one label.

            Examples:
              stsurvey lint mx mx1.example.org mx1.example.org mx2.example.org
              stsurvey lint mx mx1.example.org '*.example.org'
            """)

    @Argument(help: "The host, named as in the MX record.")
    var host: String

    @Argument(help: "The mx patterns of the policy.")
    var patterns: [String]

    @OptionGroup var options: LintOptions

    func run() throws {
        let texts = rawArguments(of: [host] + patterns)
        try options.finish(LintReport(host: texts[0], patterns: Array(texts.dropFirst())))
    }
}
