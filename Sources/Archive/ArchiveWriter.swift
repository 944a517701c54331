internal import Glibc

/// Appends lines of NDJSON to zstd files that readers can follow while they grow; blocks on writes.
///
/// # The whole story
///
/// **Writing.** Lines are collected in `pending`. Where they reach `frameBytes`, or the caller
/// flushes, they become one zstd frame, which is appended to the newest `FrameFile`. A file is
/// created with its first frame, so that none is ever empty, and is followed by another where it
/// reaches `rotateBytes`.
///
/// **Committing.** `sync` waits until everything is on the disk, names of files included; the ends
/// of the files then stand in `committed`. The checkpoint of a scan keeps those ends. Bytes after
/// them may be lost or torn in a crash, and are cut off when the archive is continued: a record is
/// there exactly once, because a scan goes on from the same checkpoint.
///
/// **Reading.** `FrameQueue` hands whole frames to as many threads as there are cores, each of
/// which decodes frames of its own. A frame that breaks off at the end of a file (`TornTail`) is
/// what a kill leaves; one that is damaged in the middle is an error.
///
/// **What happens on failure.** A failed write throws `ArchiveError` with the system's reason; the
/// file is cut back to the last whole frame where that is possible, and the caller decides whether
/// to end or to try again when there is space.
///
/// A file is a sequence of independent frames, each with whole lines, a content size and a
/// checksum, and is written frame by frame, so that `zstdcat` of all files gives whole lines at
/// any time. Each file begins with a data frame, and an archive without lines is one frame with
/// a line feed: readers take neither a skippable frame in front, nor an empty file, nor a frame
/// without content (polars 1.30, pyarrow), and all of them pass over an empty line. To be used by
/// one thread; after `close` only `committed` may be asked for.
public final class ArchiveWriter {
    /// The files so far, with what is written to them whole.
    public private(set) var committed: [CommittedFile] = []

    private let directory: String
    private let stem: String
    private let rotateBytes: Int
    private let frameBytes: Int
    private let compressor: Compressor
    private let makeDigest: (() -> any RunningDigest)?
    /// That of the newest file.
    private var digest: (any RunningDigest)?
    private var file: FrameFile?
    private var pending: [UInt8] = []
    private var unsyncedNames = false

    /// An archive in a folder, which must exist.
    ///
    /// Without `continuing` it must hold no file of the archive's. With it the archive goes on
    /// after those files, in a file of its own: bytes after their committed ones are cut off, and
    /// files that are not among them are removed. A file whose size reaches `rotateBytes` is
    /// followed by another; a frame ends where its lines reach `frameBytes`, or where the caller
    /// flushes. `digest` computes the digest of a new file; without it files have none.
    public init(
        directory: String, stem: String, rotateBytes: Int = 1 << 30, level: Int = 3,
        frameBytes: Int = 4 << 20, continuing: [CommittedFile]? = nil,
        digest: (() -> any RunningDigest)? = nil
    ) throws(ArchiveError) {
        let names = try ArchiveName.names(in: directory, stem: stem)
        if let continuing {
            for name in names {
                let bytes = continuing.first { $0.name == name }?.bytes
                try Self.cut("\(directory)/\(name)", to: bytes)
            }
            committed = continuing
        } else if let name = names.first {
            throw ArchiveError(.create, "\(directory)/\(name)", errno: EEXIST)
        }
        self.directory = directory
        self.stem = stem
        self.rotateBytes = rotateBytes
        self.frameBytes = frameBytes
        compressor = Compressor(level: level)
        makeDigest = digest
        pending.reserveCapacity(frameBytes + frameBytes / 4)
    }

    /// Cuts a file back to its committed bytes; one that was never committed goes.
    private static func cut(_ path: String, to bytes: Int?) throws(ArchiveError) {
        guard let bytes else {
            guard unsafe unlink(path) == 0 else { throw ArchiveError(.remove, path, errno: errno) }
            return
        }
        var state = stat()
        guard unsafe stat(path, &state) == 0 else { throw ArchiveError(.open, path, errno: errno) }
        guard state.st_size >= off_t(bytes) else {
            throw ArchiveError(
                .open, path, reason: "it has \(state.st_size) bytes, \(bytes) were committed")
        }
        guard unsafe truncate(path, off_t(bytes)) == 0 else {
            throw ArchiveError(.write, path, errno: errno)
        }
    }

    /// Appends whole lines, each with its line feed; ends the frame when it is large enough.
    public func append(_ lines: UnsafeRawBufferPointer) throws(ArchiveError) {
        guard let last = unsafe lines.last else { return }
        precondition(last == UInt8(ascii: "\n"), "an archive takes whole lines")
        unsafe pending.append(contentsOf: lines)
        if pending.count >= frameBytes { try flush() }
    }

    /// Appends whole lines, each with its line feed; ends the frame when it is large enough.
    public func append(_ lines: [UInt8]) throws(ArchiveError) {
        try unsafe lines.withUnsafeBufferPointer { (bytes) throws(ArchiveError) in
            try unsafe append(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Ends the frame, if it has lines, and writes it whole.
    ///
    /// If that fails the file is cut back to the last whole frame, and the lines stay, so that
    /// this may be tried again.
    public func flush() throws(ArchiveError) {
        guard !pending.isEmpty else { return }
        try unsafe writeFrame(
            of: pending, records: pending.withUnsafeBytes { unsafe lineCount($0) })
        pending.removeAll(keepingCapacity: true)
        if let newest = committed.last, newest.bytes >= rotateBytes { try rotate() }
    }

    /// Waits until all that was flushed is on the disk.
    public func sync() throws(ArchiveError) {
        try file?.sync()
        guard unsyncedNames else { return }
        try Descriptor(directory, O_RDONLY | O_DIRECTORY).sync()
        unsyncedNames = false
    }

    /// Flushes, syncs and closes; an archive without lines becomes one frame with a line feed.
    public func close() throws(ArchiveError) {
        if pending.isEmpty, committed.isEmpty {
            try writeFrame(of: emptyContent, records: 0)
        } else {
            try flush()
        }
        try sync()
        file = nil
    }

    private func writeFrame(of content: [UInt8], records: Int) throws(ArchiveError) {
        try unsafe compressor.withFrame(of: content) { (frame) throws(ArchiveError) in
            if file == nil {
                try unsafe create(with: frame)
            } else {
                try unsafe file?.append(frame)
            }
            unsafe digest?.update(frame)
        }
        let newest = committed.endIndex - 1
        committed[newest].bytes = file?.bytes ?? 0
        committed[newest].records += records
        committed[newest].sha256 = digest?.current()
    }

    /// Begins the next file with a frame, or leaves no file.
    private func create(with frame: UnsafeRawBufferPointer) throws(ArchiveError) {
        let name = ArchiveName.name(stem, committed.count)
        var file = try FrameFile(creating: "\(directory)/\(name)")
        do throws(ArchiveError) {
            try unsafe file.append(frame)
        } catch {
            unsafe unlink(file.path)
            throw error
        }
        self.file = consume file
        digest = makeDigest?()
        committed.append(CommittedFile(name: name, bytes: 0, records: 0))
        unsyncedNames = true
    }

    private func rotate() throws(ArchiveError) {
        try sync()
        file = nil
    }
}

/// The content of the only frame of an archive without lines.
public let emptyContent = [UInt8(ascii: "\n")]

/// How many line feeds there are.
func lineCount(_ octets: UnsafeRawBufferPointer) -> Int {
    var count = 0
    var rest = unsafe octets[...]
    while let start = unsafe UnsafeRawBufferPointer(rebasing: rest).baseAddress,
        let found = unsafe memchr(start, Int32(UInt8(ascii: "\n")), rest.count)
    {
        count += 1
        unsafe rest = rest.dropFirst(UnsafeRawPointer(found) - start + 1)
    }
    return count
}

/// A digest that is computed as bytes are added.
public protocol RunningDigest: AnyObject {
    /// Adds bytes.
    func update(_ bytes: UnsafeRawBufferPointer)

    /// The digest of the bytes so far, lower-case hex; more can be added after.
    func current() -> String
}
