internal import EventLoop
internal import Logging
internal import ScanFolder
internal import Synchronization

/// Reports the status of the scan to programs: by the status file and by metrics, each on its own
/// thread.
final class StatusReporter: Sendable {
    private let file: StatusFile?
    private let server: MetricsServer?
    private let state = Mutex(ScanState.running)
    private let threads = Mutex<[ThreadHandle]>([])

    /// Opens what the options name; whatever cannot be opened refuses the start.
    init(_ options: ScanOptions) throws(ScanError) {
        var file: StatusFile?
        var server: MetricsServer?
        if let path = options.statusFile {
            file = try StatusFile(path) { [log = options.log] in log.warning("\($0)") }
        }
        if let place = options.metricsAddress { server = try MetricsServer(at: place) }
        self.file = file
        self.server = server
        if let server {
            options.log.notice("metrics are at http://\(server.place)/metrics")
        }
    }

    /// Begins to report the status of the session.
    func start(reporting session: ScanSession) throws(SystemShortage) {
        try start { session.snapshot($0) }
    }

    /// Begins to report the status that `snapshot` gives.
    func start(
        _ snapshot: @escaping @Sendable (ScanState) -> StatusSnapshot
    ) throws(SystemShortage) {
        let snapshot: @Sendable () -> StatusSnapshot = { [self] in
            snapshot(state.withLock { $0 })
        }
        if let file { try keep(startThread("status") { file.run(snapshot) }) }
        if let server { try keep(startThread("metrics") { server.run { snapshot().metrics } }) }
    }

    private func keep(_ thread: ThreadHandle) { threads.withLock { $0.append(thread) } }

    /// Reports the end, and ends.
    func stop(_ end: ScanState) {
        state.withLock { $0 = end }
        file?.stop()
        server?.stop()
        for thread in threads.withLock({ $0 }) { thread.join() }
    }
}
