import Glibc

/// Why a file cannot be read.
struct FileError: Error {
    /// The system's error number.
    let code: Int32

    /// The system's words.
    var reason: String { String(cString: strerror(code)) }
}

/// The first octets of a file, or of standard input where the path is `-`.
func readFile(_ path: [UInt8], limit: Int = .max) throws(FileError) -> [UInt8] {
    let isInput = path == [UInt8(ascii: "-")]
    let name = path.map { CChar(bitPattern: $0) } + [0]
    let descriptor = isInput ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(code: errno) }
    defer { if !isInput { close(descriptor) } }
    var octets: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while octets.count < limit {
        let count = read(descriptor, &chunk, min(chunk.count, limit - octets.count))
        if count == 0 { break }
        if count > 0 {
            octets += chunk[..<count]
        } else if errno != EINTR {
            throw FileError(code: errno)
        }
    }
    return octets
}
