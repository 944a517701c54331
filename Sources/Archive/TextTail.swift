internal import Glibc

/// A text that is read in blocks of whole lines, and what was read beyond the last of them.
struct TextTail: Sendable {
    /// The size of a block, but for a longer line.
    private static let blockBytes = 1 << 20
    /// The longest line that is read: far above any record.
    static let longestLine = 1 << 28

    /// Whether a block is filled before it is handed out: what a pipe brings is not held back.
    let fillsBlocks: Bool
    private var rest: [UInt8] = []
    private var hasEnded = false

    init(fillsBlocks: Bool) { self.fillsBlocks = fillsBlocks }

    /// Reads the next whole lines into `buffer`, the last with or without its line feed; 0 at the
    /// end.
    mutating func readLines(
        of file: borrowing Descriptor, into buffer: inout RawBuffer
    ) throws(ArchiveError) -> Int {
        buffer.reserve(Self.blockBytes)
        buffer.reserve(2 * rest.count)
        unsafe rest.withUnsafeBytes { unsafe buffer.bytes.copyMemory(from: $0) }
        var count = rest.count
        var lines = 0
        while !hasEnded {
            if lines > 0, count >= Self.blockBytes || !fillsBlocks && !file.hasMore() { break }
            if unsafe count == buffer.bytes.count {
                guard count < Self.longestLine else {
                    throw ArchiveError(
                        .read, file.path, reason: "a line of more than \(Self.longestLine) bytes")
                }
                buffer.reserve(2 * count, keeping: count)
            }
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[count...])
            let got = try unsafe file.read(into: room)
            hasEnded = got == 0
            let new = unsafe UnsafeRawBufferPointer(rebasing: room[..<got])
            if let feed = unsafe new.lastIndex(of: UInt8(ascii: "\n")) { lines = count + feed + 1 }
            count += got
        }
        if hasEnded { lines = count }
        rest = unsafe Array(buffer.bytes[lines..<count])
        return lines
    }
}

extension Descriptor {
    /// Opens a file or a pipe for reading; `-` is standard input.
    init(readingTextOr path: String) throws(ArchiveError) {
        guard path == "-" else {
            self = try Descriptor(path, O_RDONLY)
            return
        }
        let number = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
        guard number >= 0 else { throw ArchiveError(.open, path, errno: errno) }
        self.init(owning: number, path: "standard input")
    }

    /// Whether it is a regular file, which can be read anywhere and again; a folder is refused.
    borrowing func isRegular() throws(ArchiveError) -> Bool {
        var state = stat()
        guard unsafe fstat(number, &state) == 0 else {
            throw ArchiveError(.open, path, errno: errno)
        }
        let kind = FileKind(state)
        if kind == .folder {
            throw ArchiveError(.open, path, reason: "it is a folder, not a file")
        }
        return kind == .regular
    }

    /// Whether a regular file begins with a zstd frame.
    borrowing func beginsWithFrame() throws(ArchiveError) -> Bool {
        var buffer = RawBuffer()
        buffer.reserve(4)
        let count = try unsafe read(into: buffer.bytes, 4, at: 0)
        // RFC 8878 §3.1.1: the magic number, little-endian.
        return unsafe count == 4 && buffer.bytes.elementsEqual([0x28, 0xB5, 0x2F, 0xFD])
    }

    /// Whether more can be read without waiting.
    fileprivate borrowing func hasMore() -> Bool {
        var state = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&state, 1, 0) > 0
    }
}
