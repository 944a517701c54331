internal import EventLoop
internal import Synchronization

/// The threads of a run: its event loops, the writer of its records and the reader of its input.
final class RunThreads: Sendable {
    /// How long a loop may take to end.
    private static let loopEndMilliseconds = 10_000

    private let loops: [EventLoop]
    private let loopThreads = Mutex<[ThreadHandle]>([])
    private let writerThread = Mutex<ThreadHandle?>(nil)

    init(_ loops: [EventLoop]) { self.loops = loops }

    /// Starts all of them; where the system allows too few, those that were started are to be
    /// ended.
    func start(
        writer: @escaping @Sendable () -> Void, reader: @escaping @Sendable () -> Void
    ) throws(SystemShortage) {
        for loop in loops {
            let thread = try startThread("loop") { loop.run() }
            loopThreads.withLock { $0.append(thread) }
        }
        let writing = try startThread("writer", writer)
        writerThread.withLock { $0 = writing }
        // It may be reading a pipe that brings nothing more.
        try startThread("intake", reader).detach()
    }

    /// Ends the loops, and waits for the writer, who must know that no more records come; no longer
    /// than `writerMilliseconds`, where that is given.
    func end(writerMilliseconds: Int? = nil) {
        for loop in loops { loop.stop() }
        // A loop that does not end is no reason not to write down what there is.
        for thread in loopThreads.withLock({ $0 }) {
            thread.join(within: Self.loopEndMilliseconds)
        }
        guard let writer = writerThread.withLock({ $0 }) else { return }
        guard let writerMilliseconds else { return writer.join() }
        writer.join(within: writerMilliseconds)
    }
}
