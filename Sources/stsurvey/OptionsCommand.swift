import ArgumentParser
import Scan

/// Prints the manual's page of options; it is not in the help.
struct OptionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "options",
        abstract: "Print the options of scan, check and rejudge as tables in Markdown.",
        shouldDisplay: false)

    func run() throws { try StandardOutput.writeLine(OptionPage.text) }
}
