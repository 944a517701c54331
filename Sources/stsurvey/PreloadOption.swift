import ArgumentParser
internal import Lint
import Records
import Scan

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
            options.preload = try PreloadFile(name: path.visibleText, octets: readDataFile(path))
        } catch let error as FileError {
            throw CommandFailure(
                .missingInput, "cannot open the preload list \(path.visibleText): \(error.reason)")
        } catch let error as ScanError {
            throw CommandFailure(error)
        }
    }
}
