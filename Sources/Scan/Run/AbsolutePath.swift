import Glibc

/// The path from the root, by the working directory of now, so that it leads to the same file from
/// any other; `-` (standard input), and a path whose working directory is gone, stay as they are.
public func absolutePath(_ path: String) -> String {
    guard path != "-", !path.hasPrefix("/") else { return path }
    guard let buffer = unsafe getcwd(nil, 0) else { return path }
    defer { unsafe free(buffer) }
    let folder = unsafe String(cString: buffer)
    guard folder.hasPrefix("/") else { return path }
    return (folder.hasSuffix("/") ? folder : folder + "/") + path
}
