internal import Glibc
internal import TLS

/// What a file is as stored: its digest, its date, and whether it is a MaxMind DB.
struct FileContent {
    let bytes: Int
    let sha256: String
    /// When it was written, seconds since 1970.
    let modifiedAt: Int64
    let isMaxMindDB: Bool

    /// A MaxMind DB has this mark in its last 128 KiB, before its metadata.
    private static let mark = [0xAB, 0xCD, 0xEF] + Array("MaxMind.com".utf8)
    private static let markSpan = 128 << 10

    /// Reads a file once.
    init(_ path: String) throws(NetworkFileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.missing(path) }
        defer { close(descriptor) }
        var state = stat()
        guard unsafe fstat(descriptor, &state) == 0 else { throw Self.missing(path) }
        guard state.st_mode & S_IFMT == S_IFREG else {
            throw .missing("the file \(path) of --asn-file is not a regular file")
        }
        modifiedAt = Int64(state.st_mtim.tv_sec)
        let digest = SHA256Digest()
        var chunk = [UInt8](repeating: 0, count: Self.markSpan)
        var tail: [UInt8] = []
        var total = 0
        while true {
            let count = unsafe read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.missing(path) }
            if count == 0 { break }
            unsafe chunk.withUnsafeBytes {
                unsafe digest.update(UnsafeRawBufferPointer(rebasing: $0[..<count]))
            }
            tail = Array((tail + chunk[..<count]).suffix(Self.markSpan))
            total += count
        }
        bytes = total
        sha256 = digest.current()
        isMaxMindDB = tail.lastRange(of: Self.mark) != nil
    }

    private static func missing(_ path: String) -> NetworkFileError {
        let reason = unsafe String(cString: strerror(errno))
        return .missing("cannot open the file \(path) of --asn-file: \(reason)")
    }
}

extension [UInt8] {
    /// Where a part begins last; nil where it is not in there.
    fileprivate func lastRange(of part: [UInt8]) -> Int? {
        guard count >= part.count else { return nil }
        return (0...(count - part.count)).last { start in
            self[start] == part[0] && self[start..<(start + part.count)].elementsEqual(part)
        }
    }
}
