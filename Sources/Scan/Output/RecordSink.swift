internal import EventLoop

/// Encoded records on their way to a writer's thread.
struct RecordBatch: Sendable {
    var lines: [UInt8] = []
    var records = 0
}

/// Collects one loop's records of one kind and hands them over in batches.
final class RecordSink {
    private static let batchBytes = 64 << 10
    private let handoff: Handoff<RecordBatch>
    private var batch = RecordBatch()

    init(to handoff: Handoff<RecordBatch>) { self.handoff = handoff }

    /// Takes the line that `encode` appends.
    ///
    /// Suspends while the writer is behind; false where it has failed.
    func append(_ encode: (inout [UInt8]) -> Void) async -> Bool {
        encode(&batch.lines)
        batch.records += 1
        guard batch.lines.count >= Self.batchBytes else { return true }
        return await handoff.put(take())
    }

    /// Hands over what is there, waiting for room.
    func flush() async {
        guard batch.records > 0 else { return }
        _ = await handoff.put(take())
    }

    /// Hands over what is there if the writer has room: so that slow scans show results too.
    func offer() {
        guard batch.records > 0, handoff.offer(batch) else { return }
        _ = take()
    }

    private func take() -> RecordBatch {
        defer { batch = RecordBatch() }
        return batch
    }
}
