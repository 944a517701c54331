internal import DequeModule
internal import EventLoop

/// One loop's end of the queue of list entries: batches come in, single entries go out.
final class BatchedIntake {
    private let handoff: Handoff<[NumberedEntry]>
    private var batch: ArraySlice<NumberedEntry> = []
    private var hasEnded = false
    private var isRefilling = false
    private var waiting = Deque<UnsafeContinuation<Void, Never>>()

    init(from handoff: Handoff<[NumberedEntry]>) { self.handoff = handoff }

    /// Whether `take` has to wait for entries.
    var mustWait: Bool { batch.isEmpty && !hasEnded }

    /// The next entry; nil at the end of the list or when the scan stops, and where one must wait.
    func take() -> NumberedEntry? { hasEnded ? nil : batch.popFirst() }

    /// Waits until there may be entries.
    ///
    /// One task at a time fetches a batch, so that no more than one for each loop is held back.
    func wait() async {
        guard isRefilling else { return await refill() }
        await withUnsafeContinuation { continuation in
            if isRefilling { waiting.append(continuation) } else { continuation.resume() }
        }
    }

    /// Gives out no more entries.
    func stop() {
        hasEnded = true
        wakeWaiting()
    }

    private func refill() async {
        isRefilling = true
        let next = await handoff.take()
        isRefilling = false
        if let next { batch = next[...] } else { hasEnded = true }
        wakeWaiting()
    }

    private func wakeWaiting() {
        while let task = waiting.popFirst() { task.resume() }
    }
}
