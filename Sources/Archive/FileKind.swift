internal import Glibc

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
