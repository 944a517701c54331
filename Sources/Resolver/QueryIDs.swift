internal import CLinux
import Glibc

/// Query ids that cannot be guessed, drawn from the system's generator in batches.
///
/// `ares_send` sends the id that stands in the message, so a fixed one would make answers easy to
/// forge and the search for the matching question linear.
struct QueryIDs {
    private var pool: [UInt16] = []

    mutating func next() -> UInt16 {
        if pool.isEmpty { refill() }
        return pool.removeLast()
    }

    private mutating func refill() {
        pool = Array(repeating: 0, count: 1024)
        pool.withUnsafeMutableBytes { bytes in
            var filled = 0
            while filled < bytes.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                let count = getrandom(rest.baseAddress, rest.count, 0)
                precondition(count > 0 || errno == EINTR, "getrandom: errno \(errno)")
                filled += max(0, count)
            }
        }
    }
}
