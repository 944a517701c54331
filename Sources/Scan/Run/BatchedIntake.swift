internal import EventLoop

/// One loop's end of the queue of list entries: takes batches, returns single entries.
final class BatchedIntake {
    private let queue: BoundedQueue<[NumberedEntry]>
    private var batch: ArraySlice<NumberedEntry> = []
    private var hasEnded = false
    /// For the task that gets the next batch.
    private var wakeSignal = WakeSignal()

    init(from queue: BoundedQueue<[NumberedEntry]>) { self.queue = queue }

    /// The next entry; nil where there is none now, or none any more.
    func take() -> NumberedEntry? {
        guard !hasEnded, let entry = batch.popFirst() else { return nil }
        if batch.isEmpty { wakeSignal.send() }
        return entry
    }

    /// Gets the next batch; false at the end of the list or when the scan stops.
    ///
    /// For one task, and only when all entries are taken, so that no more are held back.
    func refill() async -> Bool {
        guard !hasEnded, let next = await queue.take(), !hasEnded else {
            hasEnded = true
            return false
        }
        batch = next[...]
        return true
    }

    /// Waits until all entries are taken, or the intake has ended.
    func emptied() async {
        await unsafe withUnsafeContinuation {
            unsafe wakeSignal.park($0, unless: batch.isEmpty || hasEnded)
        }
    }

    /// Gives out no more entries.
    func stop() {
        hasEnded = true
        wakeSignal.send()
    }
}
