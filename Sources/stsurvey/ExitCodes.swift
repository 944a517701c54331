import ArgumentParser
import Scan

/// The exit codes of the program, those of sysexits.h where one fits: the one table that all
/// commands keep to and that `--help` prints.
enum ExitReason: Int32, CaseIterable {
    case done = 0
    case notRight = 1
    case unknown = 2
    case usage = 64
    case damagedInput = 65
    case missingInput = 66
    case stalled = 70
    case system = 71
    case output = 74
    case stopped = 75
    case killed = 130

    /// What it means, for people.
    var meaning: String {
        switch self {
        case .done: "done"
        case .notRight: "something is not right (check, verify, lint, --fail-on)"
        case .unknown: "what decides could not be observed (check)"
        case .usage: "wrong use; the output folder is taken; the scan to resume is finished"
        case .damagedInput: "a list broke off or changed, or a scan's folder is damaged"
        case .missingInput: "a list, file or folder is not there or cannot be opened"
        case .stalled: "the scan waited for something that never came; it can be resumed"
        case .system: "the system gave no thread, memory or descriptors, or no usable c-ares"
        case .output: "output could not be written, or no name server can be used"
        case .stopped: "stopped by a signal; the scan can be resumed"
        case .killed: "ended at once by a second signal; the scan can be resumed"
        }
    }

    /// The code as a command throws it.
    var code: ExitCode { ExitCode(rawValue) }

    /// The table, a line for each code, as `--help` prints it.
    static var table: String {
        let lines = allCases.map { reason in
            let number = String(reason.rawValue)
            return String(repeating: " ", count: 5 - number.count) + number + "  " + reason.meaning
        }
        return (["Exit codes:"] + lines).joined(separator: "\n")
    }
}

extension ScanError {
    /// What the program ends with.
    var exitReason: ExitReason {
        switch self {
        case .usage: .usage
        case .input: .damagedInput
        case .missingInput: .missingInput
        case .system: .system
        case .output: .output
        }
    }

    /// The code as a command throws it.
    var exitCode: ExitCode { exitReason.code }
}

extension ScanEnd {
    /// What the program ends with.
    var exitReason: ExitReason {
        switch self {
        case .complete: .done
        case .foundVerdicts: .notRight
        case .stopped: .stopped
        case .stalled: .stalled
        case .inputBroken, .inputChanged: .damagedInput
        case .outputFailed, .nameServersDown, .nameServersLie: .output
        }
    }
}
