internal import DequeModule

/// Slots for domains on one loop: for those in progress, and for those that wait for a retry.
///
/// A domain that failed transiently gives its slot in the window to another. Where no slot for
/// retries is left it keeps its own: the intake slows, and no record is written too early.
@safe final class SlotPool {
    private let limit: Int
    private var acquireWaiters = unsafe Deque<UnsafeContinuation<Void, Never>>()
    private var drainWaiters: [UnsafeContinuation<Void, Never>] = unsafe []
    private var isAbandoned = false
    /// How many are taken.
    private(set) var count = 0

    init(limit: Int) { self.limit = limit }

    /// Whether there is a slot at once.
    var hasFreeSlot: Bool { count < limit && !isAbandoned }

    /// Takes a slot, waiting for one; false where those that wait are given up.
    func acquire() async -> Bool {
        while count >= limit, !isAbandoned {
            await unsafe withUnsafeContinuation { continuation in
                // A slot may have been returned between the check above and this.
                if count < limit || isAbandoned {
                    unsafe continuation.resume()
                } else {
                    unsafe acquireWaiters.append(continuation)
                }
            }
        }
        guard !isAbandoned else { return false }
        count += 1
        return true
    }

    /// Takes a slot if there is one at once.
    func tryAcquire() -> Bool {
        guard hasFreeSlot else { return false }
        count += 1
        return true
    }

    /// Gives a slot back.
    func release() {
        count -= 1
        unsafe acquireWaiters.popFirst()?.resume()
        if count == 0 { resumeDrained() }
    }

    /// Waits until no slot is taken any more, or those that wait are given up.
    func drained() async {
        await unsafe withUnsafeContinuation { continuation in
            if count == 0 || isAbandoned {
                unsafe continuation.resume()
            } else {
                unsafe drainWaiters.append(continuation)
            }
        }
    }

    /// Gives up those that wait: they get no record, and are restarted when the scan is resumed.
    func abandon() {
        isAbandoned = true
        while let waiter = unsafe acquireWaiters.popFirst() { unsafe waiter.resume() }
        resumeDrained()
    }

    private func resumeDrained() {
        unsafe drainWaiters.forEach { unsafe $0.resume() }
        unsafe drainWaiters = []
    }
}
