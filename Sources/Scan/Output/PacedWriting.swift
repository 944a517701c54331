internal import Archive
internal import EventLoop

/// How often what is written is flushed, and committed, in milliseconds.
struct WritingPace: Sendable {
    let flush: Int
    let checkpoint: Int

    init(_ options: ScanOptions) {
        flush = options.flushMilliseconds
        checkpoint = options.checkpointMilliseconds
    }

    /// Appends batches until the queue is finished; flushes and commits in between, so that what is
    /// on disk can be read meanwhile, and a run that is broken off goes on from the last
    /// checkpoint.
    func write<Batch>(
        from queue: BoundedQueue<Batch>, append: (Batch) throws(ArchiveError) -> Void,
        flush flushAll: () throws(ArchiveError) -> Void,
        commit: () throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        var nextFlush = MonotonicClock.milliseconds() + flush
        var nextCheckpoint = MonotonicClock.milliseconds() + checkpoint
        while true {
            let next = min(nextFlush, nextCheckpoint)
            let wait = max(0, next - MonotonicClock.milliseconds())
            switch queue.takeBlocking(milliseconds: wait) {
            case .element(let batch): try append(batch)
            case .finished: return
            case .timedOut: break
            }
            let now = MonotonicClock.milliseconds()
            if now >= nextFlush {
                try flushAll()
                nextFlush = now + flush
            }
            if now >= nextCheckpoint {
                try flushAll()
                try commit()
                nextCheckpoint = MonotonicClock.milliseconds() + checkpoint
            }
        }
    }
}
