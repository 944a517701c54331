import Glibc

/// The signals a scan takes, by waiting for them on the main thread.
struct Signals {
    /// What ended a wait.
    enum Event {
        /// SIGINT or SIGTERM: stop.
        case stop
        /// SIGHUP: read the blocklist again.
        case reload
        /// `wake` was called.
        case woken
        /// Time passed.
        case none
    }

    private static let wakeSignal = SIGUSR1
    /// Signals to stop within this time are one: timeout(1) sends two, to the process and to its
    /// group.
    static let oneStopMilliseconds = 20

    private var set = sigset_t()

    /// Blocks the signals for this thread and all it starts.
    init() {
        unsafe sigemptyset(&set)
        for number in [SIGINT, SIGTERM, SIGHUP, Self.wakeSignal] { unsafe sigaddset(&set, number) }
        unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        Self.ignoreWriteSignals()
    }

    /// A write to a closed socket, or beyond the allowed size of a file, then fails with an error.
    static func ignoreWriteSignals() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }

    /// Waits up to `milliseconds` for a signal.
    mutating func wait(milliseconds: Int) -> Event {
        var limit = timespec(
            tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
        switch unsafe sigtimedwait(&set, nil, &limit) {
        case Self.wakeSignal: return .woken
        case SIGINT, SIGTERM: return .stop
        case SIGHUP: return .reload
        default: return .none
        }
    }

    /// Ends the main thread's wait, from any thread.
    static func wake() { kill(getpid(), wakeSignal) }
}
