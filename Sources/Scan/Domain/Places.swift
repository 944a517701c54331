internal import DequeModule

/// Places for domains on one loop: for those under way, and for those that wait to be asked about
/// again.
///
/// A domain that failed for a passing reason gives its place in the window to another. Where there
/// is no room left it keeps its place: the intake slows, and nothing is written too early.
final class Places {
    private let limit: Int
    private var roomWaiters = Deque<UnsafeContinuation<Void, Never>>()
    private var drainWaiters: [UnsafeContinuation<Void, Never>] = []
    private var isAbandoned = false
    /// How many are taken.
    private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    /// Whether there is a place at once.
    var hasRoom: Bool { count < limit && !isAbandoned }

    /// Takes a place, waiting for one; false where those that wait are given up.
    func enter() async -> Bool {
        while count >= limit, !isAbandoned {
            await withUnsafeContinuation { continuation in
                // A place may have come back between the look above and this.
                if count < limit || isAbandoned {
                    continuation.resume()
                } else {
                    roomWaiters.append(continuation)
                }
            }
        }
        guard !isAbandoned else { return false }
        count += 1
        return true
    }

    /// Takes a place if there is one at once.
    func enterAtOnce() -> Bool {
        guard hasRoom else { return false }
        count += 1
        return true
    }

    /// Gives a place back.
    func leave() {
        count -= 1
        roomWaiters.popFirst()?.resume()
        if count == 0 { resumeDrained() }
    }

    /// Waits until no place is taken any more, or those that wait are given up.
    func drained() async {
        await withUnsafeContinuation { continuation in
            if count == 0 || isAbandoned {
                continuation.resume()
            } else {
                drainWaiters.append(continuation)
            }
        }
    }

    /// Gives up those that wait: they get no record, and are begun anew when the scan is resumed.
    func abandon() {
        isAbandoned = true
        while let waiter = roomWaiters.popFirst() { waiter.resume() }
        resumeDrained()
    }

    private func resumeDrained() {
        for waiter in drainWaiters { waiter.resume() }
        drainWaiters = []
    }
}
