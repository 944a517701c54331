import ArgumentParser
import DomainList
import Scan
import ScanFolder

/// What a command is given that observes targets: where they are, and how.
struct TargetArguments<Command: DeclaringCommand>: ParsableArguments {
    @Argument(
        help: "Files of names or records, a folder, or - for standard input.",
        completion: .file())
    var inputs: [String] = []

    @OptionGroup var options: DeclaredOptions<Command>

    func validate() throws {
        let given = try options.given
        guard given.contains("output") || given.contains("resume") else {
            throw ValidationError("name a folder with --output")
        }
        guard !inputs.contains("") else { throw ValidationError("the name of an input is empty") }
    }

    /// Observes the targets, and ends as the run does.
    func run(_ kind: TargetKind) throws {
        var options = try self.options.scanOptions()
        let isBegun = options.resumedFolder == nil && inputs.isEmpty
        options.lists = (isBegun ? ["-"] : inputs).map {
            ListLocation(name: $0, path: absolutePath($0))
        }
        let end: ScanEnd
        do {
            var run = TargetRun(options, given: try self.options.given, of: kind)
            end = try run.run()
        } catch {
            throw CommandFailure(error)
        }
        guard end.exitReason == .done else { throw end.exitReason.code }
    }
}
