internal import Archive
import CLinux
import Glibc

/// The folder that a scan writes, held by one process at a time.
package final class OutputFolder: Sendable {
    package let path: String
    private let descriptor: Int32

    /// Makes the folder, whole: it is filled under another name, which it then changes.
    ///
    /// So a kill at any moment leaves either no folder or one that can be resumed.
    package static func create(
        _ path: String, fill: (String) throws(ScanError) -> Void
    ) throws(ScanError) -> OutputFolder {
        try refuseScan(in: path)
        try makeParents(of: path)
        let new = "\(path).new-\(getpid())"
        guard mkdir(new, 0o777) == 0 else { throw refused("make the folder", new) }
        do throws(ScanError) {
            try fill(new)
            guard rename(new, path) == 0 else { throw refused("make the folder", path) }
            syncParent(of: path)
        } catch {
            for file in ["manifest.json", Checkpoint.fileName] { unlink("\(new)/\(file)") }
            rmdir(new)
            throw error
        }
        return try OutputFolder(path)
    }

    /// Opens a folder that is there and takes its lock.
    init(_ path: String) throws(ScanError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.refused("open", path) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw .usage("another process is scanning into \(path)")
        }
    }

    deinit { close(descriptor) }

    /// A finished scan has nothing to go on with.
    func removeCheckpoint() { unlink("\(path)/\(Checkpoint.fileName)") }

    private static func refuseScan(in path: String) throws(ScanError) {
        guard access("\(path)/manifest.json", F_OK) == 0 else { return }
        let isUnfinished = access("\(path)/\(Checkpoint.fileName)", F_OK) == 0
        let advice =
            isUnfinished
            ? "go on with it by 'stsurvey scan --resume \(path)', or name another folder"
            : "name another folder, or remove it"
        throw .usage("\(path) holds a scan already: \(advice)")
    }

    private static func makeParents(of path: String) throws(ScanError) {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
            made += part + "/"
            guard mkdir(made, 0o777) != 0, errno != EEXIST, errno != EISDIR else { continue }
            throw refused("make the folder", made)
        }
    }

    /// Brings the folder's name to the disk; where that cannot be done it is there all the same.
    private static func syncParent(of path: String) {
        let parent = open("\(path)/..", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { return }
        fsync(parent)
        close(parent)
    }

    private static func refused(_ what: String, _ path: String) -> ScanError {
        .output("cannot \(what) \(path): \(String(cString: strerror(errno)))")
    }
}
