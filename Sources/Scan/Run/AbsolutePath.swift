import Glibc

/// The absolute path, by the current working directory, so that it names the same file from any
/// other; `-` (standard input), and a path whose working directory was removed, are not changed.
public func absolutePath(_ path: String) -> String {
    guard path != "-", !path.hasPrefix("/") else { return path }
    guard let buffer = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(buffer) }
    let folder = unsafe String(cString: buffer)
    guard folder.hasPrefix("/") else { return path }
    return (folder.hasSuffix("/") ? folder : folder + "/") + path
}
