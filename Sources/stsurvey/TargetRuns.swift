import Scan

/// Observes targets that are given, and ends as the run does.
func runTargets(_ kind: TargetKind, _ options: ScanOptions, reading inputs: [String]) throws {
    let end: ScanEnd
    do throws(ScanError) {
        var run = TargetRun(options, of: kind, reading: inputs)
        end = try run.run()
    } catch {
        throw CommandFailure(error)
    }
    guard end.exitReason == .done else { throw end.exitReason.code }
}
