import ArgumentParser
import Scan

/// The options of `scan` that let it go by an earlier scan.
struct PreviousOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "An earlier scan: a policy whose id is the same is not fetched within its max_age.",
            valueName: "dir"))
    var previous: String?

    @Flag(help: "Go by the earlier scan as far as it can be read where its folder is damaged.")
    var partial = false

    @Option(help: "Percent of such policies that are fetched all the same, a sample by chance.")
    var refetchShare = 5.0

    func validate() throws {
        guard refetchShare >= 0, refetchShare <= 100 else {
            throw ValidationError("--refetch-share takes 0 to 100 percent, not \(refetchShare)")
        }
        guard !partial || previous != nil else {
            throw ValidationError("--partial is of the earlier scan: name it with --previous")
        }
    }

    /// Reads the earlier scan into `options`.
    func apply(to options: inout ScanOptions) throws {
        options.refetchShare = refetchShare / 100
        guard let previous else { return }
        do throws(ScanError) {
            options.previous = try PreviousScan(folder: previous, partial: partial)
        } catch {
            throw CommandFailure(error)
        }
    }
}
