import Console
import Scan
import ScanFolder

/// What ends a command: why, and what is printed on standard error.
struct CommandFailure: Error {
    /// The reason, which decides the exit code.
    let reason: ExitReason
    /// One line that names the file or value and what to do; empty where no reader is left.
    let message: String

    /// A failure with its message.
    init(_ reason: ExitReason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The same end for an error of a scan.
    init(_ error: ScanError) { self.init(error.exitReason, error.description) }

    /// The end for a folder that cannot be read.
    init(_ error: FolderError) { self.init(ScanError(error)) }

    /// Writes the message to standard error.
    func report() {
        guard !message.isEmpty else { return }
        Message.error(message)
    }
}
