internal import RecordReading
public import Records

/// A list or another file as a scan has read it: enough to tell whether another scan read the same.
///
/// Its keys are those of the manifest and of the checkpoint.
public struct FileIdentity: Hashable, Sendable, Codable {
    /// Its name as given.
    public let name: String
    /// How many bytes of it were read, as stored.
    public let bytes: Int
    /// The SHA-256 of those bytes, lower-case hex.
    public let sha256: String

    /// A file as it was read.
    public init(name: String, bytes: Int, sha256: String) {
        self.name = name
        self.bytes = bytes
        self.sha256 = sha256
    }

    /// What the manifest says of the file.
    public var document: JSONDocument {
        .object([
            ("name", .string(name)), ("bytes", .integer(bytes)), ("sha256", .string(sha256)),
        ])
    }

    /// The file that a manifest tells of.
    init(_ value: JSONValue) throws(StoredFileError) {
        name = try value.string("name")
        bytes = try value.int("bytes")
        sha256 = try value.string("sha256")
    }
}

/// How far a scan is, as its manifest says.
public enum ScanState: String, Sendable {
    case running
    case complete
    case stopped
    case failed
}
