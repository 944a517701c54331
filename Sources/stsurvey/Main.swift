import ArgumentParser
import Console
import Glibc
import Scan
import ScanFolder

@main
struct Main: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stsurvey",
        abstract: "Measures whether mail to domains is protected by MTA-STS, and if not, why not.",
        discussion: """
            Examples:
              stsurvey check example.org
              stsurvey scan domains.txt --output results/first
              stsurvey list results/first
              stsurvey report results/first --output report.html

            \(ExitReason.table)
            """,
        version: "stsurvey \(programVersion)\n\(LinkedLibraries.versions)",
        subcommands: [
            ScanCommand.self, CheckCommand.self, ProbeCommand.self, FetchCommand.self,
            JudgeCommand.self,
            ListCommand.self, ExplainCommand.self, LintCommand.self, VerifyCommand.self,
            StatsCommand.self, ReportCommand.self, DiffCommand.self, RejudgeCommand.self,
            MergeCommand.self,
            SchemaCommand.self, OptionsCommand.self,
        ])

    static func main() {
        StandardStreams.openClosed()
        requireKnownCommand()
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if UnknownArguments.areTreacherous(arguments),
                let message = UnknownArguments(of: self)?.message(for: arguments)
            {
                throw CommandFailure(.usage, message)
            }
            var command = try parseAsRoot()
            try command.run()
            try StandardOutput.close()
        } catch let failure as CommandFailure {
            end(with: failure)
        } catch {
            end(with: error)
        }
    }

    private static func end(with failure: CommandFailure) -> Never {
        failure.report()
        Glibc.exit(failure.reason.rawValue)
    }

    /// Ends with the error of the parser, or of a command that has printed its reason.
    private static func end(with error: any Error) -> Never {
        let code = exitCode(for: error)
        do throws(CommandFailure) {
            let text = fullMessage(for: error)
            if code == .success {
                // Help, the version, a script for completion.
                try StandardOutput.writeLine(text)
            } else if !text.isEmpty {
                Message.write(usage(text, code))
            }
            try StandardOutput.close()
        } catch {
            end(with: error)
        }
        Glibc.exit(code.rawValue)
    }

    /// What is said in place of the parser's message: a name that is misspelt comes before all else
    /// that is wrong, and where something is missing an example shows it.
    private static func usage(_ message: String, _ code: ExitCode) -> String {
        let begin = "Error: "
        guard code == ExitReason.usage.code, message.hasPrefix(begin) else { return message + "\n" }
        let arguments = Array(CommandLine.arguments.dropFirst())
        let known = UnknownArguments(of: self)
        if let unknown = known?.message(for: arguments) {
            return "stsurvey: error: \(Message.visible(unknown))\n"
        }
        let text = "stsurvey: error: \(message.dropFirst(begin.count))\n"
        let isMissing = ["Missing expected argument", "name ", "give "].contains {
            message.dropFirst(begin.count).hasPrefix($0)
        }
        guard isMissing, let example = known?.example(for: arguments) else { return text }
        return text + "  Example: \(example)\n"
    }

    /// `help` for a command that there is not is answered as the command itself is.
    private static func requireKnownCommand() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.first == "help",
            let unknown = UnknownArguments(of: self)?.message(for: arguments)
        else { return }
        end(with: CommandFailure(.usage, unknown))
    }
}
