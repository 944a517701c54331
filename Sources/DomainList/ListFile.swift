internal import Glibc

/// What can be told of a list before it is opened.
enum ListFile {
    /// The size of a list as stored; nil where it is no regular file.
    static func bytes(of source: String) throws(ListError) -> Int? {
        var status = stat()
        let result = source == "-" ? fstat(STDIN_FILENO, &status) : stat(source, &status)
        guard result == 0, source == "-" || access(source, R_OK) == 0 else {
            throw ListError(source: source, offset: 0, reason: String(cString: strerror(errno)))
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return Int(status.st_size)
        case S_IFDIR: throw ListError(source: source, offset: 0, reason: "is a directory")
        default: return nil
        }
    }
}
