internal import CZstd

/// Takes frames from a queue and decompresses them; each thread has its own.
public final class FrameDecoder {
    /// The largest content that is read.
    public static let largestContent = 1 << 30

    private let queue: FrameQueue
    private let decompressor = Decompressor()
    private let padding: Int
    private var input = RawBuffer()
    private var output = RawBuffer()
    private var count = 0
    /// Whether what was taken last is lines of a text, as they stand in the file.
    public private(set) var isText = false

    /// A decoder that leaves at least `padding` readable bytes after a frame's content.
    public init(_ queue: FrameQueue, padding: Int = 0) {
        self.queue = queue
        self.padding = padding
    }

    /// The content of the frame taken last, until the next is taken.
    public var content: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(rebasing: output.bytes[..<count])
    }

    /// Takes the next frame and checks its checksum; nil where there is none.
    ///
    /// A frame that is broken is an error that names it; the next call goes on with the next.
    public func next() throws(ArchiveError) -> FramePosition? {
        count = 0
        guard let taken = try queue.next(into: &input) else { return nil }
        let place = taken.place
        isText = taken.isText
        guard !taken.isText else {
            take(taken.bytes)
            return place
        }
        do throws(ArchiveError) {
            try decompress(taken.bytes, of: queue.files[place.file].path)
        } catch {
            count = 0
            decompressor.reset()
            throw ArchiveError(
                .decompress, queue.files[place.file].path,
                reason: "\(error.reason); frame \(place.frame + 1) at byte \(place.offset)")
        }
        return place
    }

    /// Takes text as it is.
    private func take(_ bytes: Int) {
        output.reserve(bytes + padding)
        unsafe output.bytes.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: input.bytes[..<bytes]))
        count = bytes
    }

    private func decompress(_ bytes: Int, of path: String) throws(ArchiveError) {
        // Unknown sizes and errors are the largest numbers; the buffer then grows with the content.
        let contentSize = unsafe ZSTD_getFrameContentSize(input.bytes.baseAddress, bytes)
        let likely = contentSize < Self.largestContent ? Int(contentSize) : 4 * bytes
        output.reserve(likely + padding)
        var taken = 0
        while true {
            let (took, made) = try unsafe decompressor.decompress(
                UnsafeRawBufferPointer(rebasing: input.bytes[taken..<bytes]),
                into: UnsafeMutableRawBufferPointer(
                    rebasing: output.bytes[count..<(output.bytes.count - padding)]), of: path)
            taken += took
            count += made
            if decompressor.isBetweenFrames { return }
            guard count < Self.largestContent else {
                throw ArchiveError(.decompress, path, reason: "a frame of more than 1 GiB")
            }
            unsafe output.reserve(2 * output.bytes.count + padding + 1, keeping: count)
        }
    }
}

/// The end of an archive file that stops inside a frame, as after a crash.
public struct TornTail: Hashable, Sendable {
    /// The file.
    public let path: String

    /// How many bytes of it are whole frames: where to cut before appending.
    public let wholeBytes: Int

    /// How many bytes follow them.
    public let tornBytes: Int
}
