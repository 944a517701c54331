internal import Glibc

/// Gives a file a second name, or copies it where its file system or another one does not allow
/// that; whether it is the same file.
///
/// A copy is on the disk when this returns. What is at the new path already is an error.
public func linkOrCopy(_ path: String, to new: String) throws(ArchiveError) -> Bool {
    if unsafe linkat(AT_FDCWD, path, AT_FDCWD, new, AT_SYMLINK_FOLLOW) == 0 { return true }
    switch errno {
    case EXDEV, EPERM, EMLINK, EOPNOTSUPP, ENOSYS: break
    case let number: throw ArchiveError(.create, new, errno: number)
    }
    let copy = try Descriptor(new, O_WRONLY | O_CREAT | O_EXCL, operation: .create)
    var bytes = 0
    try unsafe readChunks(path) { (chunk) throws(ArchiveError) in
        try unsafe copy.write(chunk, at: bytes)
        bytes += chunk.count
    }
    try copy.sync()
    return false
}
