internal import DequeModule

/// At most `limit` permits at once; waiters are served in order of arrival.
///
/// For one loop's tasks only: no lock.
@safe public final class AsyncSemaphore {
    private var free: Int
    private var waiting = unsafe Deque<UnsafeContinuation<Void, Never>>()

    /// A semaphore with `limit` permits.
    public init(limit: Int) { free = max(1, limit) }

    /// Runs `body` with a permit.
    public func withPermit<Value>(_ body: () async -> Value) async -> Value {
        await acquire()
        let value = await body()
        release()
        return value
    }

    private func acquire() async {
        if free > 0 {
            free -= 1
            return
        }
        await unsafe withUnsafeContinuation { continuation in
            // A permit may have been returned between the check above and this.
            if free > 0 {
                free -= 1
                unsafe continuation.resume()
            } else {
                unsafe waiting.append(continuation)
            }
        }
    }

    /// A permit given back goes straight to the first who waits.
    private func release() {
        if let next = unsafe waiting.popFirst() {
            unsafe next.resume()
        } else {
            free += 1
        }
    }
}
