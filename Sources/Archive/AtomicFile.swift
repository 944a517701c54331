internal import Glibc

/// Writes small files that are there whole or not at all.
public enum AtomicFile {
    /// Puts the bytes into the file at `path`, in place of what it held.
    ///
    /// They go to a new name first, are brought to the disk, and then take over the name; a reader
    /// sees the old content or the new, after a crash too.
    public static func write(_ path: String, _ bytes: [UInt8]) throws(ArchiveError) {
        let new = "\(path).new"
        do throws(ArchiveError) {
            let file = try Descriptor(new, O_WRONLY | O_CREAT | O_TRUNC, operation: .create)
            try bytes.withUnsafeBufferPointer { (bytes) throws(ArchiveError) in
                try file.write(UnsafeRawBufferPointer(bytes), at: 0)
            }
            try file.sync()
            guard rename(new, path) == 0 else { throw ArchiveError(.rename, path, errno: errno) }
        } catch {
            unlink(new)
            throw error
        }
        try Descriptor(folder(of: path), O_RDONLY | O_DIRECTORY).sync()
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
