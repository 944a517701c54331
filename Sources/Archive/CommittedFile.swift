/// What an archive file holds in whole frames.
public struct CommittedFile: Hashable, Sendable, Codable {
    /// The file's name in the archive's folder.
    public let name: String

    /// Its size.
    public var bytes: Int

    /// Its records.
    public var records: Int

    /// A file of so many bytes and records.
    public init(name: String, bytes: Int, records: Int) {
        self.name = name
        self.bytes = bytes
        self.records = records
    }
}
