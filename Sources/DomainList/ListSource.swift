internal import Glibc

/// The bytes of one list, decompressed and brought from UTF-16 to UTF-8 as they are read; blocks on
/// reads.
@safe public final class ListSource {
    /// The list's name.
    public let name: String

    /// How many bytes as stored were read.
    public private(set) var bytesRead = 0

    /// Is shown every byte as stored, in order, once; for a digest.
    public var onRawBytes: ((UnsafeRawBufferPointer) -> Void)?

    private let list: OpenedList
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    private let opened: FileState?
    private let input = UnsafeMutableRawBufferPointer.allocate(
        byteCount: ListSource.chunkBytes, alignment: 64)
    private var pending = 0..<0
    private var atEnd = false
    private(set) var compression: Compression?
    /// UTF-16 on its way to UTF-8; nil where the list is not UTF-16.
    private var text: UTF16Text?
    private var isAtStart = true
    private var decoder: (any Decoder)?
    /// Why nothing more can be read.
    private(set) var failure: ListError?

    /// How much is read of the file at a time.
    public static let chunkBytes = 64 << 10

    /// What is read of a list.
    enum Part {
        /// All of it, in the end.
        case whole
        /// Its beginning: what is read of a pipe is kept, and one that is silent has ended.
        case beginning(Patience)
        /// Of a pipe, what was kept; of a file, as much as is wanted.
        case kept
    }

    /// How a pipe is waited for.
    struct Patience {
        /// How long it may be silent before it has brought anything; nil for any time.
        var startMilliseconds: Int32?
        /// How long it may be silent once it has brought something.
        var silenceMilliseconds: Int32 = 1000
        /// Whether to stop waiting.
        var isOver: () -> Bool = { false }
    }

    private let part: Part
    /// Whether a pipe was silent for too long.
    private(set) var wasSilent = false
    /// How much was taken of what was kept of a pipe.
    private var keptBytesRead = 0

    /// Begins to read a list.
    public convenience init(_ list: OpenedList) throws(ListError) { try self.init(list, .whole) }

    /// Begins to read a part of a list.
    init(_ list: OpenedList, _ part: Part) throws(ListError) {
        self.part = part
        (descriptor, ownsDescriptor) = try list.descriptorToRead()
        self.list = list
        name = list.location.name
        opened = FileState(of: descriptor)
    }

    deinit {
        if ownsDescriptor { close(descriptor) }
        unsafe input.deallocate()
    }

    /// Puts the next bytes of the list into `output`; 0 at its end.
    ///
    /// A failure is thrown when everything before it was delivered, and from then on.
    public func read(into output: UnsafeMutableRawBufferPointer) throws(ListError) -> Int {
        if let failure { throw failure }
        do throws(ListError) {
            if isAtStart { return try unsafe readStart(into: output) }
            guard text != nil else { return try unsafe readStored(into: output) }
            return try unsafe readText(into: output)
        } catch {
            failure = error
            throw error
        }
    }

    /// Whether the list is UTF-16.
    var isUTF16: Bool { text != nil }

    /// Reads the first bytes, which may be those of UTF-16; there is room for them.
    private func readStart(
        into output: UnsafeMutableRawBufferPointer
    ) throws(ListError) -> Int {
        if compression == nil { try recognise() }
        var count = 0
        while count < UTF16Text.startBytes {
            let room = unsafe UnsafeMutableRawBufferPointer(rebasing: output[count...])
            let more = try unsafe readStored(into: room)
            if more == 0 { break }
            count += more
        }
        isAtStart = false
        let first = unsafe UnsafeRawBufferPointer(rebasing: output[..<count])
        if unsafe UTF16Text.isUTF32(first) {
            throw error("UTF-32, which 'iconv -f UTF-32 -t UTF-8' makes UTF-8")
        }
        guard var text = unsafe UTF16Text(start: first) else { return count }
        unsafe text.append(first.dropFirst(text.hasMark ? UTF16Text.markBytes : 0))
        self.text = text
        return try unsafe readText(into: output)
    }

    private func readText(
        into output: UnsafeMutableRawBufferPointer
    ) throws(ListError) -> Int {
        while text?.isEmpty == true {
            let room = UnsafeMutableRawBufferPointer.allocate(
                byteCount: Self.chunkBytes, alignment: 1)
            defer { unsafe room.deallocate() }
            let count = try unsafe readStored(into: room)
            unsafe text?.append(UnsafeRawBufferPointer(rebasing: room[..<count]))
            if count == 0 { break }
        }
        return unsafe text?.move(into: output) ?? 0
    }

    private func readStored(
        into output: UnsafeMutableRawBufferPointer
    ) throws(ListError) -> Int {
        guard let decoder else { return try unsafe copy(into: output) }
        return try unsafe decode(with: decoder, into: output)
    }

    private func recognise() throws(ListError) {
        while !atEnd, unsafe Compression.needsMore(input[pending]) { try fill() }
        let compression = unsafe Compression(magic: input[pending])
        if case .unsupported(let reason) = compression { throw error(reason) }
        self.compression = compression
        decoder = compression.makeDecoder()
    }

    private func copy(into output: UnsafeMutableRawBufferPointer) throws(ListError) -> Int {
        if pending.isEmpty, !atEnd { try fill() }
        let count = min(pending.count, output.count)
        unsafe output.copyMemory(
            from: UnsafeRawBufferPointer(rebasing: input[pending.prefix(count)]))
        pending.removeFirst(count)
        return count
    }

    private func decode(
        with decoder: any Decoder, into output: UnsafeMutableRawBufferPointer
    ) throws(ListError) -> Int {
        while true {
            if pending.isEmpty, !atEnd { try fill() }
            let step = unsafe decoder.decode(
                UnsafeRawBufferPointer(rebasing: input[pending]), into: output, isLast: atEnd)
            pending.removeFirst(step.consumed)
            failure = step.failure.map { error($0) }
            if step.produced > 0 { return step.produced }
            if let failure { throw failure }
            guard step.consumed == 0 else { continue }
            guard pending.isEmpty else { throw error("corrupt compressed data") }
            guard atEnd else { continue }
            guard decoder.isComplete else { throw error("truncated compressed data", .brokenOff) }
            return 0
        }
    }

    private func fill() throws(ListError) {
        // The magic number may need several reads of a pipe; at any other time nothing is pending.
        if pending.isEmpty { pending = 0..<0 }
        let free = unsafe UnsafeMutableRawBufferPointer(rebasing: input[pending.upperBound...])
        let count = unsafe readDescriptor(into: free)
        guard count >= 0 else { throw unsafe error(String(cString: strerror(errno)), .brokenOff) }
        unsafe onRawBytes?(UnsafeRawBufferPointer(rebasing: free[..<count]))
        bytesRead += count
        atEnd = count == 0
        if atEnd { try checkUnchanged() }
        pending = pending.lowerBound..<(pending.upperBound + count)
    }

    /// Reads what was kept of a pipe, then the descriptor; 0 at the end, below 0 for an error.
    private func readDescriptor(into room: UnsafeMutableRawBufferPointer) -> Int {
        let kept = unsafe list.kept(from: keptBytesRead, into: room)
        keptBytesRead += kept
        if kept > 0 { return kept }
        if !list.canBeReadAgain, !waitsForMore() { return 0 }
        var count = unsafe Glibc.read(descriptor, room.baseAddress, room.count)
        while count < 0, errno == EINTR {
            count = unsafe Glibc.read(descriptor, room.baseAddress, room.count)
        }
        if case .beginning = part, !list.canBeReadAgain, count > 0 {
            unsafe list.keep(UnsafeRawBufferPointer(rebasing: room[..<count]))
            keptBytesRead += count
        }
        return count
    }

    /// Waits until a pipe brings more; false where no more of it is to be read now.
    private func waitsForMore() -> Bool {
        switch part {
        case .kept: return false
        case .whole:
            list.waitForWriter()
            return true
        case .beginning(let patience):
            var waited: Int32 = 0
            let slice: Int32 = 100
            while !patience.isOver() {
                var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                if unsafe poll(&state, 1, slice) > 0 { return true }
                waited += slice
                let limit =
                    keptBytesRead > 0 ? patience.silenceMilliseconds : patience.startMilliseconds
                if let limit, waited >= limit { break }
            }
            wasSilent = true
            return false
        }
    }

    /// A list that changes while it is read may have given some lines twice, and others never.
    private func checkUnchanged() throws(ListError) {
        guard let opened, let now = FileState(of: descriptor), now != opened else { return }
        throw error(
            now.bytes == opened.bytes
                ? "the list was written to while it was read"
                : "the list had \(opened.bytes) bytes when it was opened and has \(now.bytes) now",
            .brokenOff)
    }

    private func error(_ reason: String, _ kind: ListError.Kind = .damaged) -> ListError {
        ListError(kind, source: name, offset: bytesRead - pending.count, reason: reason)
    }
}

/// What shows whether a file was written to.
private struct FileState: Equatable {
    let bytes: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// The state of an open file; nil where it is no regular one.
    init?(of descriptor: Int32) {
        var state = stat()
        guard unsafe fstat(descriptor, &state) == 0, state.st_mode & S_IFMT == S_IFREG else {
            return nil
        }
        bytes = Int(state.st_size)
        seconds = state.st_mtim.tv_sec
        nanoseconds = state.st_mtim.tv_nsec
    }
}

/// A list's name and its path.
public struct ListLocation: Hashable, Sendable {
    /// The list as its user named it; records and messages name it so.
    public let name: String

    /// The path that is opened; `-` is standard input.
    public let path: String

    /// A list of this name at this path.
    public init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}
