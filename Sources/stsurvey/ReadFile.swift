import Glibc

/// Why a file cannot be read.
struct FileError: Error {
    /// What is wrong; the system's message for an error of the system.
    let reason: String

    /// The error for an error number of the system.
    init(code: Int32) {
        reason =
            unsafe code == EBADF ? "standard input is closed" : String(cString: strerror(code))
    }

    /// A file larger than is read.
    init(limit: Int) { reason = "it has more than \(limit) bytes" }
}

/// The most octets of a file of data (a preload list, providers) that are read.
let dataFileBytesMax = 1 << 28

/// The first octets of a file, or of standard input where the path is `-`.
func readFile(_ path: [UInt8], limit: Int) throws(FileError) -> [UInt8] {
    let isInput = path == [UInt8(ascii: "-")]
    let name = path.map { CChar(bitPattern: $0) } + [0]
    let descriptor = unsafe isInput ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(code: errno) }
    defer { if !isInput { close(descriptor) } }
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while octets.count < limit {
        let count = unsafe read(descriptor, &chunk, min(chunk.count, limit - octets.count))
        if count == 0 { break }
        if count > 0 {
            octets += chunk[..<count]
        } else if errno != EINTR {
            throw FileError(code: errno)
        }
    }
    return octets
}

/// All octets of a file of data; one of more than `dataFileBytesMax` is an error.
func readDataFile(_ path: [UInt8]) throws(FileError) -> [UInt8] {
    let octets = try readFile(path, limit: dataFileBytesMax + 1)
    guard octets.count <= dataFileBytesMax else { throw FileError(limit: dataFileBytesMax) }
    return octets
}
