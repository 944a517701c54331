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
        discussion: ExitReason.table,
        version: "stsurvey \(programVersion)\n\(LinkedLibraries.versions)",
        subcommands: [
            ScanCommand.self, CheckCommand.self, ListCommand.self, ExplainCommand.self,
            LintCommand.self, VerifyCommand.self,
            StatsCommand.self, ReportCommand.self, DiffCommand.self, RejudgeCommand.self,
            SchemaCommand.self, OptionsCommand.self,
        ])

    static func main() {
        StandardStreams.openClosed()
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
                Message.write(unknownArgument(code) ?? text + "\n")
            }
            try StandardOutput.close()
        } catch {
            end(with: error)
        }
        Glibc.exit(code.rawValue)
    }

    /// The message that replaces the parser's where a name is misspelt.
    private static func unknownArgument(_ code: ExitCode) -> String? {
        guard code == ExitReason.usage.code else { return nil }
        let arguments = Array(CommandLine.arguments.dropFirst())
        return UnknownArguments(of: self)?.message(for: arguments).map {
            "stsurvey: error: \(Message.visible($0))\n"
        }
    }
}
