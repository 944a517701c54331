/// What an archive file holds in whole frames.
public struct CommittedFile: Hashable, Sendable {
    /// The file's name in the archive's folder.
    public let name: String

    /// Its size.
    public var bytes: Int

    /// Its records.
    public var records: Int
}
