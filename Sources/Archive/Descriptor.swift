internal import Glibc

/// An open file, closed with the value.
struct Descriptor: ~Copyable {
    let number: Int32
    let path: String

    /// Takes over an open file.
    init(owning number: Int32, path: String) {
        self.number = number
        self.path = path
    }

    /// Opens a file; what is created must not be there yet unless `flags` say otherwise.
    init(
        _ path: String, _ flags: Int32, operation: ArchiveError.Operation = .open
    ) throws(ArchiveError) {
        let number = unsafe open(path, flags | O_CLOEXEC, 0o644)
        guard number >= 0 else { throw ArchiveError(operation, path, errno: errno) }
        self.init(owning: number, path: path)
    }

    /// Opens a regular file for reading; anything else is refused, without waiting for it.
    init(reading path: String) throws(ArchiveError) {
        // Without O_NONBLOCK, opening a FIFO without a writer would block; for files it has no
        // effect.
        self = try Self(path, O_RDONLY | O_NONBLOCK).ofRegularFile()
    }

    private consuming func ofRegularFile() throws(ArchiveError) -> Descriptor {
        var state = stat()
        guard unsafe fstat(number, &state) == 0 else {
            throw ArchiveError(.open, path, errno: errno)
        }
        if let kind = FileKind(state), kind != .regular {
            throw ArchiveError(.open, path, reason: "it is \(kind.rawValue), not a regular file")
        }
        return self
    }

    deinit { close(number) }

    /// Writes all of the bytes at an offset.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(ArchiveError) {
        var written = 0
        while written < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
            let count = unsafe pwrite(number, rest.baseAddress, rest.count, off_t(offset + written))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw ArchiveError(.write, path, errno: count < 0 ? errno : ENOSPC)
            }
            written += count
        }
    }

    /// Reads up to as many bytes as fit; 0 at the end.
    func read(into bytes: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
        while true {
            let count = unsafe Glibc.read(number, bytes.baseAddress, bytes.count)
            if count >= 0 { return count }
            guard errno == EINTR else { throw ArchiveError(.read, path, errno: errno) }
        }
    }

    /// Reads `count` bytes at an offset, or as many as there are before the end.
    func read(
        into bytes: UnsafeMutableRawBufferPointer, _ count: Int, at offset: Int
    ) throws(ArchiveError) -> Int {
        var done = 0
        while done < count {
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[done..<count])
            let got = unsafe pread(number, rest.baseAddress, rest.count, off_t(offset + done))
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw ArchiveError(.read, path, errno: errno) }
            if got == 0 { break }
            done += got
        }
        return done
    }

    /// Waits until the file's content, or the folder's list of names, is on the disk.
    func sync() throws(ArchiveError) {
        while fsync(number) != 0 {
            guard errno == EINTR else { throw ArchiveError(.sync, path, errno: errno) }
        }
    }
}

/// The kind of a folder's entry; for a symbolic link, that of its target.
public enum FileKind: String, Sendable {
    case regular = "a regular file"
    case folder = "a folder"
    case pipe = "a named pipe"
    case socket = "a socket"
    case device = "a device"

    init?(_ state: stat) {
        switch state.st_mode & S_IFMT {
        case S_IFREG: self = .regular
        case S_IFDIR: self = .folder
        case S_IFIFO: self = .pipe
        case S_IFSOCK: self = .socket
        case S_IFBLK, S_IFCHR: self = .device
        default: return nil
        }
    }
}

/// The kind and the size of the file at `path`, following links.
public func fileStatus(_ path: String) throws(ArchiveError) -> (kind: FileKind?, bytes: Int) {
    var state = stat()
    guard unsafe stat(path, &state) == 0 else { throw ArchiveError(.open, path, errno: errno) }
    return (FileKind(state), Int(state.st_size))
}

/// Whether a file can replace what is at `path`: a regular file, or nothing.
public func isReplaceable(_ path: String) -> Bool {
    var state = stat()
    guard unsafe lstat(path, &state) == 0 else { return errno == ENOENT }
    return FileKind(state) == .regular
}
