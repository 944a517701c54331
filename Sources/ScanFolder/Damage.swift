internal import Archive
internal import RecordReading

/// Something that is not as it was written in a scan's folder.
public struct Damage: Hashable, Sendable {
    /// What is wrong, as a stable word, in the order in which `verify` counts them.
    public enum Kind: String, Sendable, CaseIterable {
        /// `manifest.json` is missing, cannot be read, or was altered.
        case manifest
        /// The same of the checkpoint of an unfinished scan.
        case checkpoint
        /// A file that the manifest or the checkpoint names is not there.
        case missingFile = "missing_file"
        /// A file is there that looks like one with records and that nothing names.
        case strayFile = "stray_file"
        /// The folder is of another schema version than this program's.
        case schemaVersion = "schema_version"
        /// What should be a file is something else, or may not be read.
        case unreadableFile = "unreadable_file"
        /// A file does not have the length that it should have.
        case fileLength = "file_length"
        /// A file does not have the SHA-256 that it should have.
        case fileDigest = "file_digest"
        /// A file has not as many records as it should have.
        case recordCount = "record_count"
        /// A frame cannot be decompressed, or its checksum is wrong.
        case frame
        /// A file ends inside a frame.
        case tornTail = "torn_tail"
        /// A line is not a JSON object of this schema version.
        case json
        /// A record does not meet the schema; this and what follows is found by `verify` alone.
        case schema
        /// Two records have one index.
        case duplicateIndex = "duplicate_index"
        /// An entry of the list has no record.
        case missingIndex = "missing_index"
        /// A record belongs to no entry of the list.
        case unexpectedIndex = "unexpected_index"
        /// Two records are of one observation of a host.
        case duplicateHost = "duplicate_host"
        /// An observation of a host that a domain record refers to has no record.
        case missingHost = "missing_host"
        /// The totals are not those of the records.
        case totals
        /// A list is not the one that was scanned.
        case listChanged = "list_changed"
    }

    /// What is wrong.
    public let kind: Kind
    /// The file.
    public let file: String?
    /// The line of the decompressed file, from 1.
    public let line: Int?
    /// The frame of the file, from 1.
    public let frame: Int?
    /// What is wrong, with the value.
    public let message: String

    init(_ kind: Kind, file: String? = nil, _ message: String) {
        self.kind = kind
        self.file = file
        line = nil
        frame = nil
        self.message = message
    }

    init<State>(
        _ kind: Kind, at place: RecordPosition, in reading: Reading<State>, _ message: String
    ) {
        self.kind = kind
        file = reading.files[place.frame.file].path
        line = reading.line(of: place)
        frame = place.frame.frame + 1
        self.message = message
    }

    /// The damage in one line.
    public var text: String {
        guard let file else { return message }
        guard let line, let frame else { return "\(file) \(message)" }
        return "\(file): line \(line) (frame \(frame)) \(message)"
    }
}

/// Why a folder cannot be read or written.
public enum FolderError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There is no such folder, it holds no scan, or the system does not let it be read.
    case missing(String)
    /// What it holds is not what was written.
    case damaged(String)
    /// It is not in the state that is asked for: the scan in it has ended, or runs still, or what
    /// is to become a new folder is taken.
    case refused(String)
    /// It cannot be made or written.
    case unwritable(String)

    /// The message, which names the folder or the file and the way on.
    public var description: String {
        switch self {
        case .missing(let text), .damaged(let text), .refused(let text), .unwritable(let text):
            text
        }
    }

    /// The refusal of a damaged folder: the first damage, how many more there are, and `wayOn`.
    static func damaged(_ folder: String, _ damages: [Damage], _ wayOn: String) -> FolderError {
        let first = damages.first?.text ?? "it cannot be read"
        let others = damages.count - 1
        let more = others > 0 ? " (and \(others) more)" : ""
        return .damaged("\(folder) is damaged: \(first)\(more); \(wayOn)")
    }
}
