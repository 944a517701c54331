import Glibc

/// The folder that a scan writes.
enum OutputFolder {
    /// Makes the folder and those above it; one that holds a scan is left alone.
    static func prepare(_ path: String) throws(ScanError) {
        var made = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            made += part + "/"
            guard mkdir(made, 0o777) != 0, errno != EEXIST, errno != EISDIR else { continue }
            throw .output("cannot make the folder \(made): \(String(cString: strerror(errno)))")
        }
        if access("\(path)/manifest.json", F_OK) == 0 {
            throw .usage("\(path) holds a scan already: name another folder, or remove it")
        }
        guard access(path, W_OK) == 0 else {
            throw .output("cannot write into \(path): \(String(cString: strerror(errno)))")
        }
    }
}
