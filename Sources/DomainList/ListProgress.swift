/// The progress of reading lists, in bytes as stored.
public struct ListProgress: Hashable, Sendable {
    /// Bytes read of all lists.
    public let bytesRead: Int

    /// Bytes of all lists; nil where one is no regular file, so that its size is not known.
    public let bytesTotal: Int?
}
