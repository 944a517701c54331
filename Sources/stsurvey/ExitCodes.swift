import ArgumentParser
import Scan

/// The exit codes of sysexits.h that the program uses.
extension ExitCode {
    /// EX_USAGE: the command line is wrong.
    static let usage = ExitCode(64)
    /// EX_DATAERR: a list cannot be read, or breaks off.
    static let input = ExitCode(65)
    /// EX_IOERR: records cannot be written, or no name server answers.
    static let inputOutput = ExitCode(74)
    /// EX_TEMPFAIL: stopped; what is written is whole.
    static let stopped = ExitCode(75)
}

extension ScanError {
    /// What the program ends with.
    var exitCode: ExitCode {
        switch self {
        case .usage: .usage
        case .input: .input
        case .output: .inputOutput
        }
    }
}
