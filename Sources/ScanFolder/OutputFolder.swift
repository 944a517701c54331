internal import Archive
internal import Glibc

/// The folder that a scan writes, held by one process at a time.
package final class OutputFolder: Sendable {
    package let path: String
    private let descriptor: Int32
    /// The folders that were made for this one, the outermost first and this one last.
    private let made: [String]

    /// Makes the folder, whole: it is filled under another name, which it then changes.
    ///
    /// So a kill at any moment leaves either no folder or one that can be resumed. A folder that is
    /// there already must be empty, and is filled as it is: it may be where a disk is mounted, or
    /// have a link that leads to it. Where something fails, what was made is removed.
    package static func create(
        _ path: String, fill: (String) throws(FolderError) -> Void
    ) throws(FolderError) -> OutputFolder {
        let path = withoutSlash(path)
        if try isFolder(path) { return try fillEmpty(path, fill) }
        var made = try makeParents(of: path)
        do throws(FolderError) {
            try makeNew(path, fill)
            made.append(path)
            return try OutputFolder(path, made: made)
        } catch {
            if made.last == path { empty(path) }
            remove(made)
            throw error
        }
    }

    /// Refuses a folder that could not be made or filled, before anything else is done for it.
    package static func requireUsable(_ path: String) throws(FolderError) {
        let path = withoutSlash(path)
        if try isFolder(path) {
            try refuseTaken(path)
            return try requireWritable(path, "write into the folder", path)
        }
        // The innermost folder that is there must take the new one.
        var parent = path
        repeat {
            let slash = parent.lastIndex(of: "/")
            parent = slash.map { $0 == parent.startIndex ? "/" : String(parent[..<$0]) } ?? "."
        } while unsafe access(parent, F_OK) != 0 && errno == ENOENT && parent != "."
            && parent != "/"
        try requireWritable(parent, "make the folder", path)
    }

    private static func requireWritable(
        _ folder: String, _ what: String, _ path: String
    ) throws(FolderError) {
        var state = stat()
        guard unsafe stat(folder, &state) == 0 else { throw refused(what, path) }
        guard state.st_mode & S_IFMT == S_IFDIR else {
            throw .unwritable("cannot \(what) \(path): \(folder) is a file")
        }
        guard unsafe access(folder, W_OK | X_OK) == 0 else { throw refused(what, path) }
    }

    /// Opens the folder of an unfinished scan and takes its lock.
    package convenience init(resuming path: String) throws(FolderError) {
        try self.init(Self.withoutSlash(path), made: [])
        for name in (try? fileNames(in: path)) ?? [] where AtomicFile.isTemporary(name) {
            unsafe unlink("\(path)/\(name)")
        }
    }

    private init(_ path: String, made: [String]) throws(FolderError) {
        self.path = path
        self.made = made
        descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.missing(path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .refused("another process is scanning into \(path)")
        }
    }

    deinit { close(descriptor) }

    /// Whether a process scans into the folder.
    package static func isInUse(_ path: String) -> Bool {
        let descriptor = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// A finished scan has nothing to go on with.
    package func removeCheckpoint() { unsafe unlink("\(path)/\(StoredCheckpoint.fileName)") }

    /// Removes the folder of a scan that did not begin, with what was made for it.
    package func discard() {
        Self.empty(path)
        Self.remove(made)
    }

    private static func makeNew(
        _ path: String, _ fill: (String) throws(FolderError) -> Void
    ) throws(FolderError) {
        let number = UInt32.random(in: 1 << 28...UInt32.max)
        let new = "\(path).new-\(String(number, radix: 16))"
        guard unsafe mkdir(new, 0o777) == 0 else { throw refused("make the folder", path) }
        do throws(FolderError) {
            try fill(new)
            guard unsafe rename(new, path) == 0 else {
                if errno == ENOTEMPTY || errno == EEXIST { try refuseTaken(path) }
                throw refused("make the folder", path)
            }
            syncParent(of: path)
        } catch {
            empty(new)
            unsafe rmdir(new)
            throw error
        }
    }

    private static func fillEmpty(
        _ path: String, _ fill: (String) throws(FolderError) -> Void
    ) throws(FolderError) -> OutputFolder {
        let folder = try OutputFolder(path, made: [])
        try refuseTaken(path)
        try requireWritable(path, "write into the folder", path)
        do throws(FolderError) {
            try fill(path)
        } catch {
            empty(path)
            throw error
        }
        return folder
    }

    /// Whether there is a folder already, perhaps behind a symbolic link.
    private static func isFolder(_ path: String) throws(FolderError) -> Bool {
        var state = stat()
        if unsafe stat(path, &state) == 0 {
            guard state.st_mode & S_IFMT == S_IFDIR else {
                throw .refused("\(path) is a file, not a folder: name another one with --output")
            }
            return true
        }
        let error = errno
        guard unsafe lstat(path, &state) != 0 else {
            let reason = unsafe String(cString: strerror(error))
            throw .refused(
                "\(path) is a symbolic link that leads to no folder (\(reason)): "
                    + "make that folder, or name another")
        }
        return false
    }

    /// Refuses a folder that holds anything.
    private static func refuseTaken(_ path: String) throws(FolderError) {
        let names: [String]
        do throws(ArchiveError) {
            names = try fileNames(in: path)
        } catch {
            throw .unwritable("\(error)")
        }
        if names.contains(StoredCheckpoint.fileName) {
            let stored = try? StoredCheckpoint(directory: path)
            let command = (stored?.progress.targets).command
            throw .refused(
                "\(path) holds a scan already: go on with it by 'stsurvey \(command) --resume "
                    + "\(path)', or name another folder")
        }
        if names.contains(StoredManifest.fileName) {
            throw .refused("\(path) holds a scan already: name another folder, or remove it")
        }
        if let name = names.first(where: { !AtomicFile.isTemporary($0) }) {
            throw .refused("\(path) is not empty, it holds \(name): name another folder")
        }
    }

    /// Makes the folders above; those that were not there are returned.
    private static func makeParents(of path: String) throws(FolderError) -> [String] {
        var made: [String] = []
        var parent = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            parent += part + "/"
            if unsafe mkdir(parent, 0o777) == 0 {
                made.append(parent)
            } else if errno != EEXIST, errno != EISDIR {
                let error = refused("make the folder", parent)
                remove(made)
                throw error
            }
        }
        return made
    }

    /// Removes empty folders, the innermost first.
    private static func remove(_ folders: [String]) {
        for folder in folders.reversed() { unsafe rmdir(folder) }
    }

    private static func empty(_ folder: String) {
        for name in (try? fileNames(in: folder)) ?? [] { unsafe unlink("\(folder)/\(name)") }
    }

    /// The path without slashes at its end.
    private static func withoutSlash(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    /// Brings the folder's name to the disk; where that cannot be done it is there all the same.
    private static func syncParent(of path: String) {
        let parent = unsafe open("\(path)/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        fsync(parent)
        close(parent)
    }

    private static func missing(_ path: String) -> FolderError {
        .missing(unsafe "cannot open the folder \(path): \(String(cString: strerror(errno)))")
    }

    private static func refused(_ what: String, _ path: String) -> FolderError {
        .unwritable(unsafe "cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
