internal import CLinux
import Glibc

/// Query ids that cannot be guessed, drawn from the system's generator in batches.
///
/// `ares_send` sends the id that is in the message, so a fixed one would make answers easy to forge
/// and the search for the matching question linear.
final class QueryIDs {
    private static let drawn = 1024
    private var pool: [UInt16] = []
    private var used = 0

    func next() -> UInt16 {
        if used == pool.count {
            pool = Self.draw()
            used = 0
        }
        defer { used += 1 }
        return pool[used]
    }

    private static func draw() -> [UInt16] {
        var ids = Array(repeating: 0 as UInt16, count: drawn)
        unsafe ids.withUnsafeMutableBytes { bytes in
            var filled = 0
            while filled < bytes.count {
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                let count = unsafe getrandom(rest.baseAddress, rest.count, 0)
                precondition(count > 0 || errno == EINTR, "getrandom: errno \(errno)")
                filled += max(0, count)
            }
        }
        return ids
    }
}
