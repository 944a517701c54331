internal import Glibc

/// A file to be read, whole or as far as its bytes are known to be committed.
public struct ArchiveFile: Hashable, Sendable {
    /// The file.
    public let path: String

    /// Where reading ends, at the end of a frame; nil: at the end of the file.
    public let bytes: Int?

    /// Whether it may be text, a record a line, and a pipe.
    let takesText: Bool

    /// A file of frames, up to a number of bytes where one is given.
    public init(_ path: String, bytes: Int? = nil) {
        self.path = path
        self.bytes = bytes
        takesText = false
    }

    /// A file of frames, or of text, a record a line.
    ///
    /// Text may come from a pipe too. `-` is standard input.
    public init(framesOrText path: String) {
        self.path = path
        bytes = nil
        takesText = true
    }

    /// An archive's files in a folder, in the order of writing.
    public static func files(
        in directory: String, stem: String
    ) throws(ArchiveError) -> [ArchiveFile] {
        try ArchiveName.names(in: directory, stem: stem).map { ArchiveFile("\(directory)/\($0)") }
    }
}

/// All bytes of a file, of a pipe too unless it must be `regular`; one of more than `limit` bytes
/// is an error.
public func readWhole(
    _ path: String, limit: Int, regular: Bool = false
) throws(ArchiveError) -> [UInt8] {
    var bytes: [UInt8] = []
    let file = regular ? try Descriptor(reading: path) : try Descriptor(path, O_RDONLY)
    try unsafe file.readChunks(upTo: .max) { (chunk) throws(ArchiveError) in
        guard bytes.count + chunk.count <= limit else {
            throw ArchiveError(.read, path, reason: "it has more than \(limit) bytes")
        }
        unsafe bytes += chunk
    }
    return bytes
}

/// Passes a regular file's bytes to `body` in chunks, the first `limit` of them at most.
public func readChunks(
    _ path: String, upTo limit: Int = .max,
    _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
) throws(ArchiveError) {
    try unsafe Descriptor(reading: path).readChunks(upTo: limit, body)
}

extension Descriptor {
    fileprivate borrowing func readChunks(
        upTo limit: Int, _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { unsafe chunk.deallocate() }
        var left = limit
        while left > 0 {
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: chunk[..<min(left, chunk.count)])
            let count = try unsafe read(into: room)
            if count == 0 { return }
            left -= count
            try unsafe body(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }
}

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
