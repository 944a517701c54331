import Glibc
internal import Synchronization

/// A file that gets a line with the scan's status each second, written by a thread of its own.
final class StatusFile: Sendable {
    private let path: String
    private let descriptor: Int32
    /// Whether a failed write was reported: once is enough.
    private let hasFailed = Atomic(false)
    private let onFailure: @Sendable (String) -> Void
    private let isStopping = Atomic(false)

    /// Opens the file to append to it; a pipe needs its reader.
    ///
    /// `onFailure` gets what to report where a line cannot be written; the scan goes on.
    init(
        _ path: String, onFailure: @escaping @Sendable (String) -> Void
    ) throws(ScanError) {
        self.path = path
        self.onFailure = onFailure
        descriptor = unsafe open(
            path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0o666)
        guard descriptor >= 0 else {
            throw .usage(
                unsafe "cannot write to --status-updates-file \(path): "
                    + String(cString: strerror(errno))
            )
        }
    }

    deinit { close(descriptor) }

    /// Writes until `stop`, and one line at the end.
    func run(_ snapshot: () -> StatusSnapshot) {
        var next = MonotonicClock.milliseconds()
        var before = (at: next, done: 0)
        while true {
            let isLast = isStopping.load(ordering: .acquiring)
            let now = MonotonicClock.milliseconds()
            if now >= next || isLast {
                let status = snapshot()
                let passed = max(1, now - before.at)
                write(status.line(rate: (status.loops.done - before.done) * 1000 / passed))
                before = (now, status.loops.done)
                next = max(next + 1000, now)
            }
            if isLast { return }
            usleep(50_000)
        }
    }

    /// Ends `run`, from any thread.
    func stop() { isStopping.store(true, ordering: .releasing) }

    /// A reader of a pipe that is late misses lines; the scan does not wait for it.
    private func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
        guard count < bytes.count, count >= 0 || errno != EAGAIN else { return }
        let reason =
            unsafe count < 0 ? String(cString: strerror(errno)) : "only part of a line was written"
        guard !hasFailed.exchange(true, ordering: .relaxed) else { return }
        onFailure("cannot write to --status-updates-file \(path): \(reason)")
    }
}
