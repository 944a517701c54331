/// What an archive file holds in whole frames.
public struct CommittedFile: Hashable, Sendable, Codable {
    /// The file's name in the archive's folder.
    public let name: String

    /// Its size.
    public var bytes: Int

    /// Its records.
    public var records: Int

    /// The SHA-256 of those bytes, lower-case hex; nil where an earlier version wrote the file.
    public var sha256: String?

    /// A file of so many bytes and records.
    public init(name: String, bytes: Int, records: Int, sha256: String? = nil) {
        self.name = name
        self.bytes = bytes
        self.records = records
        self.sha256 = sha256
    }
}
