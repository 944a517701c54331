internal import Glibc

/// The bytes of one list, decompressed as they are read; blocks on reads.
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
    private var compression: Compression?
    private var decoder: (any Decoder)?
    private var failure: ListError?

    /// How much is read of the file at a time.
    public static let chunkBytes = 64 << 10

    /// Begins to read a list.
    public init(_ list: OpenedList) throws(ListError) {
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
            if compression == nil { try recognise() }
            guard let decoder else { return try unsafe copy(into: output) }
            return try unsafe decode(with: decoder, into: output)
        } catch {
            failure = error
            throw error
        }
    }

    private func recognise() throws(ListError) {
        while !atEnd, pending.count < Compression.magicBytesMax { try fill() }
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
        var count = unsafe Glibc.read(descriptor, free.baseAddress, free.count)
        while count < 0, errno == EINTR {
            count = unsafe Glibc.read(descriptor, free.baseAddress, free.count)
        }
        guard count >= 0 else { throw unsafe error(String(cString: strerror(errno)), .brokenOff) }
        unsafe onRawBytes?(UnsafeRawBufferPointer(rebasing: free[..<count]))
        bytesRead += count
        atEnd = count == 0
        if atEnd { try checkUnchanged() }
        pending = pending.lowerBound..<(pending.upperBound + count)
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
