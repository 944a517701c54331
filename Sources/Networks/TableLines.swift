internal import CZlib

/// The lines of a file, plain or compressed by gzip, without their ends.
@safe final class TableLines {
    /// A longer line is none of a table.
    private static let lineBytesMax = 64 << 10
    private let path: String
    private let file: gzFile
    private var bytes = [UInt8](repeating: 0, count: 256 << 10)
    private var pending = 0..<0
    private var lines = 0

    init(_ path: String) throws(NetworkFileError) {
        // zlib reads what is not compressed as it is.
        guard let file = unsafe gzopen(path, "rb") else {
            throw .missing("cannot open the file \(path) of --asn-file")
        }
        self.path = path
        unsafe self.file = file
    }

    deinit { unsafe gzclose_r(file) }

    /// The next line; nil at the end, and an error at damage.
    func next() throws(NetworkFileError) -> [UInt8]? {
        while true {
            if let end = bytes[pending].firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending = (end + 1)..<pending.upperBound }
                return take(pending.lowerBound..<end)
            }
            guard pending.count < Self.lineBytesMax else {
                defer { pending = pending.upperBound..<pending.upperBound }
                return take(pending)
            }
            if try fill() { continue }
            guard !pending.isEmpty else { return nil }
            defer { pending = 0..<0 }
            return take(pending)
        }
    }

    private func take(_ range: Range<Int>) -> [UInt8] {
        lines += 1
        let line = bytes[range]
        return Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line)
    }

    private func fill() throws(NetworkFileError) -> Bool {
        bytes.replaceSubrange(0..<pending.count, with: bytes[pending])
        pending = 0..<pending.count
        let room = pending.upperBound
        let count = unsafe bytes.withUnsafeMutableBytes {
            unsafe gzread(file, $0.baseAddress.map { unsafe $0 + room }, UInt32($0.count - room))
        }
        var code: Int32 = 0
        let words = unsafe gzerror(file, &code).map { unsafe String(cString: $0) } ?? ""
        // zlib says of what ends too early only that there was no more of it.
        guard count >= 0, code == Z_OK || code == Z_STREAM_END else {
            let reason = code == Z_BUF_ERROR ? "truncated compressed data" : words
            throw .refused("\(path): \(reason) (after line \(lines))")
        }
        pending = 0..<(room + Int(count))
        return count > 0
    }
}
