internal import Glibc

/// Writes small files that are there whole or not at all.
public enum AtomicFile {
    private static let temporaryPrefix = ".stsurvey-"
    private static let temporarySuffix = ".new"

    /// Replaces the content of the file at `path` by the bytes.
    ///
    /// They are written to a new file with a random name beside it, which must not be a link. That
    /// file is synced to the disk and then renamed to `path`. A reader sees the old content or the
    /// new, after a crash too. A device or a pipe at `path` is written to as it is. A symbolic link
    /// is refused: neither its target nor the link is changed.
    public static func write(_ path: String, _ bytes: [UInt8]) throws(ArchiveError) {
        var state = stat()
        if unsafe lstat(path, &state) == 0 {
            switch state.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFLNK:
                throw ArchiveError(
                    .create, path,
                    reason: "it is a symbolic link: name the file that it leads to")
            case S_IFDIR: throw ArchiveError(.create, path, errno: EISDIR)
            default: return try writeThrough(path, bytes)
            }
        }
        try replace(path, with: bytes)
    }

    /// Whether a name is that of a file which is being written, or was when its writer ended.
    public static func isTemporary(_ name: String) -> Bool {
        name.hasPrefix(temporaryPrefix) && name.hasSuffix(temporarySuffix)
    }

    private static func replace(_ path: String, with bytes: [UInt8]) throws(ArchiveError) {
        let folder = folder(of: path)
        let number = UInt64.random(in: 1 << 60...UInt64.max)
        let new = "\(folder)/\(temporaryPrefix)\(String(number, radix: 16))\(temporarySuffix)"
        let file: Descriptor
        do throws(ArchiveError) {
            file = try Descriptor(
                new, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, operation: .create)
        } catch {
            // The other name is not known to any other process.
            throw ArchiveError(.create, path, errno: error.systemError ?? EIO)
        }
        do throws(ArchiveError) {
            try write(bytes, to: file, as: path)
            guard unsafe rename(new, path) == 0 else {
                throw ArchiveError(.rename, path, errno: errno)
            }
        } catch {
            unsafe unlink(new)
            throw error
        }
        try Descriptor(folder, O_RDONLY | O_DIRECTORY).sync()
    }

    private static func write(
        _ bytes: [UInt8], to file: borrowing Descriptor, as path: String
    ) throws(ArchiveError) {
        do throws(ArchiveError) {
            try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(ArchiveError) in
                try unsafe file.write(UnsafeRawBufferPointer(bytes), at: 0)
            }
            try file.sync()
        } catch {
            throw ArchiveError(error.operation, path, errno: error.systemError ?? EIO)
        }
    }

    /// Writes to what is no regular file, and so cannot be replaced.
    private static func writeThrough(_ path: String, _ bytes: [UInt8]) throws(ArchiveError) {
        let file = try Descriptor(path, O_WRONLY | O_NOFOLLOW)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(file.number, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw ArchiveError(.write, path, errno: count < 0 ? errno : ENOSPC)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
