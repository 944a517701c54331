internal import Glibc

/// An archive file that cannot be written or read on.
public struct ArchiveError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was being done to the file.
    public enum Operation: String, Sendable {
        case list, create, open, write, sync, close, rename, remove, read, compress, decompress
    }

    /// What was being done.
    public let operation: Operation

    /// The file or folder.
    public let path: String

    /// The system's error number, where the system refused.
    public let systemError: Int32?

    /// What is wrong.
    public let reason: String

    /// Whether there is no room: the disk, the quota or the allowed file size is used up.
    public var isOutOfSpace: Bool {
        switch systemError {
        case ENOSPC, EDQUOT, EFBIG: true
        default: false
        }
    }

    /// Whether nobody reads any more what is written.
    public var hasNoReader: Bool { systemError == EPIPE }

    /// Whether there is no such file or folder.
    public var isMissing: Bool { systemError == ENOENT || systemError == ENOTDIR }

    /// The operation, the file and the reason in one line.
    public var description: String { "cannot \(operation.rawValue) \(path): \(reason)" }

    /// What was made of records could not be written, for a reason of its receiver.
    public static func unwritable(_ path: String, reason: String) -> ArchiveError {
        ArchiveError(.write, path, reason: reason)
    }

    init(_ operation: Operation, _ path: String, reason: String) {
        self.operation = operation
        self.path = path
        self.reason = reason
        systemError = nil
    }

    /// The error of the system that `errno` names.
    init(_ operation: Operation, _ path: String, errno number: Int32) {
        self.operation = operation
        self.path = path
        systemError = number
        let words = unsafe String(cString: strerror(number))
        reason =
            switch number {
            case ENOSPC: "\(words) (the disk is full)"
            case EDQUOT: "\(words) (the user's share of the disk is used up)"
            case EROFS: "\(words) (the disk is mounted read-only)"
            default: words
            }
    }
}
