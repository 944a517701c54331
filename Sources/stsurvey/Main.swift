import ArgumentParser
import Scan

@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stsurvey",
        abstract: "Measures whether mail to domains is protected by MTA-STS, and if not, why not.",
        discussion: """
            Exit codes: 0 done; 1 something is not right (lint, verify); 64 wrong use; 65 a list, \
            or a record of a scan, could not be read; 74 records could not be written, or no name \
            server answered; 75 stopped before the end of the list; 130 stopped at once by a \
            second signal.
            """,
        version: "stsurvey \(version)",
        subcommands: [
            ScanCommand.self, CheckCommand.self, LintCommand.self, VerifyCommand.self,
            StatsCommand.self, ReportCommand.self, DiffCommand.self, RejudgeCommand.self,
            SchemaCommand.self,
        ])

    static func main() {
        StandardStreams.fill()
        main(nil)
    }
}
