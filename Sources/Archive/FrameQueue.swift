internal import CZstd
internal import Glibc
internal import Synchronization

/// The position of a frame.
public struct FramePosition: Hashable, Sendable {
    /// The number of its file among those read, from 0.
    public let file: Int

    /// Its number in the file, from 0.
    public let frame: Int

    /// Its number among all frames handed out, from 0.
    public let sequence: Int

    /// Its first byte in the file.
    public let offset: Int
}

/// Sees the compressed octets of each frame in the order of reading, with the number of its file.
public typealias FrameObserver = @Sendable (_ file: Int, _ octets: UnsafeRawBufferPointer) -> Void

/// Distributes the frames of files in order, still compressed, to any number of threads.
///
/// Only finding the end of a frame, by the sizes of its blocks, is done by one thread at a time.
/// Each caller decompresses its frames with a `FrameDecoder` of its own.
@safe public final class FrameQueue: Sendable {
    /// The files in the order of reading.
    public let files: [ArchiveFile]

    /// The largest compressed frame that is read: far above what an `ArchiveWriter` makes.
    public static let largestFrame = 1 << 28
    private static let smallestRead = 64 << 10

    fileprivate struct OpenFile: ~Copyable {
        let descriptor: Descriptor
        /// Where reading ends.
        let end: Int
        var offset = 0
        var frames = 0
        /// The text that was read and not handed out yet; nil for a file of frames.
        var text: TextTail?
    }

    private struct State: ~Copyable {
        var file: OpenFile?
        var nextFile = 0
        var sequence = 0
        /// How much to read at first: frames are alike.
        var guess = FrameQueue.smallestRead
        var tornTails: [TornTail] = []
    }

    private let state = Mutex(State())
    private let onFrame: FrameObserver?

    /// The frames of files in the given order; `onFrame` is called with each before it is taken.
    public init(_ files: [ArchiveFile], onFrame: FrameObserver? = nil) {
        self.files = files
        unsafe self.onFrame = onFrame
    }

    /// The files read so far that end inside a frame.
    public var tornTails: [TornTail] { state.withLock { $0.tornTails } }

    /// Reads the next frame, or the next lines of a text, into `buffer`; nil after the last of the
    /// last file.
    ///
    /// A file that cannot be read further is an error that names its last whole frame; the next
    /// call continues with the next file.
    func next(
        into buffer: inout RawBuffer
    ) throws(ArchiveError) -> TakenFrame? {
        try state.withLock { (state) throws(ArchiveError) in try next(&state, &buffer) }
    }

    private func next(
        _ state: inout State, _ buffer: inout RawBuffer
    ) throws(ArchiveError) -> TakenFrame? {
        while true {
            if state.file == nil {
                guard state.nextFile < files.count else { return nil }
                state.nextFile += 1
                state.file = try open(files[state.nextFile - 1])
            }
            do throws(ArchiveError) {
                let taken =
                    state.file?.text == nil
                    ? try readFrame(&state, &buffer) : try readText(&state, &buffer)
                if let taken { return taken }
                state.file = nil
            } catch {
                state.file = nil
                throw error
            }
        }
    }

    private func open(_ file: ArchiveFile) throws(ArchiveError) -> OpenFile {
        guard file.takesText else {
            return OpenFile(descriptor: try Descriptor(reading: file.path), end: file.bytes ?? .max)
        }
        let descriptor = try Descriptor(readingTextOr: file.path)
        let isRegular = try descriptor.isRegular()
        if isRegular, try descriptor.beginsWithFrame() {
            return OpenFile(descriptor: descriptor, end: .max)
        }
        return OpenFile(
            descriptor: descriptor, end: .max, text: TextTail(fillsBlocks: isRegular))
    }

    /// Reads the frame at the open file's offset; nil where no whole one follows.
    private func readFrame(
        _ state: inout State, _ buffer: inout RawBuffer
    ) throws(ArchiveError) -> TakenFrame? {
        guard var file = state.file.take() else { return nil }
        var wanted = state.guess
        while true {
            let window = min(wanted, file.end - file.offset)
            buffer.reserve(window)
            let count = try unsafe file.descriptor.read(into: buffer.bytes, window, at: file.offset)
            let size = unsafe ZSTD_findFrameCompressedSize(buffer.bytes.baseAddress, count)
            if ZSTD_isError(size) == 0 {
                let place = FramePosition(
                    file: state.nextFile - 1, frame: file.frames, sequence: state.sequence,
                    offset: file.offset)
                unsafe onFrame?(
                    place.file, UnsafeRawBufferPointer(rebasing: buffer.bytes[..<size]))
                file.offset += size
                file.frames += 1
                state.sequence += 1
                state.guess = max(Self.smallestRead, min(size + size / 4, 8 << 20))
                state.file = consume file
                return TakenFrame(place: place, bytes: size, isText: false)
            }
            let isCut = ZSTD_getErrorCode(size) == ZSTD_error_srcSize_wrong
            guard isCut, count == window, count < Self.largestFrame, count < file.rest else {
                if isCut, count < Self.largestFrame { return note(file, count, in: &state) }
                throw file.error(size)
            }
            wanted = min(2 * wanted, Self.largestFrame)
        }
    }

    /// Reads whole lines of the open text; nil at its end.
    private func readText(
        _ state: inout State, _ buffer: inout RawBuffer
    ) throws(ArchiveError) -> TakenFrame? {
        guard var file = state.file.take(), var text = file.text.take() else { return nil }
        let bytes = try text.readLines(of: file.descriptor, into: &buffer)
        guard bytes > 0 else { return nil }
        let place = FramePosition(
            file: state.nextFile - 1, frame: file.frames, sequence: state.sequence,
            offset: file.offset)
        file.offset += bytes
        file.frames += 1
        file.text = text
        state.sequence += 1
        state.file = consume file
        return TakenFrame(place: place, bytes: bytes, isText: true)
    }

    /// Notes a torn tail where bytes follow the last whole frame, or where there is no frame.
    private func note(
        _ file: borrowing OpenFile, _ rest: Int, in state: inout State
    ) -> TakenFrame? {
        if rest > 0 || file.frames == 0 {
            state.tornTails.append(
                TornTail(path: file.descriptor.path, wholeBytes: file.offset, tornBytes: rest))
        }
        return nil
    }
}

/// What was handed out: a frame still compressed, or lines of a text.
struct TakenFrame {
    let place: FramePosition
    let bytes: Int
    let isText: Bool
}

extension FrameQueue.OpenFile {
    fileprivate var rest: Int { end - offset }

    fileprivate borrowing func error(_ code: Int) -> ArchiveError {
        let words = unsafe String(cString: ZSTD_getErrorName(code))
        return ArchiveError(
            .decompress, descriptor.path,
            reason: "\(words); the last whole frame ends at byte \(offset)")
    }
}

/// Memory that grows and is reused, freed with the value.
@safe struct RawBuffer: ~Copyable {
    private(set) var bytes = unsafe UnsafeMutableRawBufferPointer(start: nil, count: 0)

    /// Makes room for `count` bytes; the first `kept` bytes stay.
    mutating func reserve(_ count: Int, keeping kept: Int = 0) {
        guard unsafe bytes.count < count else { return }
        let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
        unsafe grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<kept]))
        unsafe bytes.deallocate()
        unsafe bytes = grown
    }

    deinit { unsafe bytes.deallocate() }
}
