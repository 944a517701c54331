/// A file to be read, whole or as far as its bytes are known to be committed.
public struct ArchiveFile: Hashable, Sendable {
    /// The file.
    public let path: String

    /// Where reading ends, at the end of a frame; nil: at the end of the file.
    public let bytes: Int?

    /// A file, up to a number of bytes where one is given.
    public init(_ path: String, bytes: Int? = nil) {
        self.path = path
        self.bytes = bytes
    }

    /// An archive's files in a folder, in the order of writing.
    public static func files(
        in directory: String, stem: String
    ) throws(ArchiveError) -> [ArchiveFile] {
        try ArchiveReader.names(in: directory, stem: stem).map { ArchiveFile("\(directory)/\($0)") }
    }
}
