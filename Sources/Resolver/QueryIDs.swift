/// Query ids that cannot be guessed, drawn from the system's generator in batches.
///
/// `ares_send` sends the id that stands in the message, so a fixed one would make answers easy to
/// forge and the search for the matching question linear.
struct QueryIDs {
    private var pool: [UInt16] = []
    private var random = SystemRandomNumberGenerator()

    mutating func next() -> UInt16 {
        if pool.isEmpty { refill() }
        return pool.removeLast()
    }

    private mutating func refill() {
        for _ in 0..<256 {
            let word = random.next()
            for shift in [0, 16, 32, 48] { pool.append(UInt16(truncatingIfNeeded: word >> shift)) }
        }
    }
}
