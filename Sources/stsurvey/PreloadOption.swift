import ArgumentParser
import Logging
import Scan
import Survey

/// The option of `scan` and `check` that names a preload list.
struct PreloadOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A STARTTLS Everywhere list (JSON) that each domain is held against.",
            valueName: "file"))
    var preload: String?

    /// Reads the list into `options`.
    func apply(to options: inout ScanOptions) throws {
        guard let preload else { return }
        let path = rawArguments(of: [preload])[0]
        do {
            options.preload = try PreloadFile(name: path.visibleText, octets: readFile(path))
        } catch let error as FileError {
            options.log.error("\(path.visibleText): \(error.reason)")
            throw ExitCode.usage
        } catch let error as ScanError {
            options.log.error("\(error.description)")
            throw error.exitCode
        }
    }
}
