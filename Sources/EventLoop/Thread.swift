import CLinux
import Glibc

/// Starts a thread named `name` that runs `body` and ends with it.
///
/// For the few threads a scan has: event loops, the list reader, the archive writers.
public func startThread(
    _ name: String, _ body: @escaping @Sendable () -> Void
) throws(SystemShortage) -> ThreadHandle {
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: name, body: body))
    var thread = pthread_t()
    let result = unsafe pthread_create(&thread, nil, threadMain, start.toOpaque())
    guard result == 0 else {
        unsafe start.release()
        throw SystemShortage("thread", code: result)
    }
    return ThreadHandle(thread: thread)
}

/// A running thread, which is either waited for or left to itself.
public struct ThreadHandle: Sendable {
    fileprivate let thread: pthread_t

    /// Waits for the thread's end.
    ///
    /// To be called once.
    public func join() { pthread_join(thread, nil) }

    /// Waits for the thread's end, up to `milliseconds`; what has not ended by then is left to
    /// itself.
    ///
    /// To be called once.
    public func join(within milliseconds: Int) {
        var limit = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &limit)
        limit.tv_sec += (milliseconds + 999) / 1000
        if unsafe pthread_clockjoin_np(thread, nil, CLOCK_MONOTONIC, &limit) != 0 {
            pthread_detach(thread)
        }
    }

    /// Has the thread's remains go with its end, for one that may never end.
    ///
    /// To be called once.
    public func detach() { pthread_detach(thread) }
}

extension ThreadHandle {
    /// Finds out whether so many threads can be had at once, by starting them; they end before this
    /// returns.
    public static func require(_ count: Int) throws(SystemShortage) {
        let ending = BoundedQueue<Never>(capacity: 1)
        var started: [ThreadHandle] = []
        defer {
            ending.finish()
            for thread in started { thread.join() }
        }
        while started.count < count {
            started.append(try startThread("probe") { ending.waitUntilFinished() })
        }
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

// A file-scope function: a closure written in an actor would inherit its isolation and trap when
// C calls it on another thread.
private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    unsafe clinux_name_thread(start.name)
    start.body()
    return nil
}

extension EventLoop {
    /// Runs the loop on a thread of its own until `ask` has its answer; nil where that takes longer
    /// than so many milliseconds.
    ///
    /// Blocks its caller: for what a command needs before it continues.
    public func answer<Answer: Sendable>(
        within milliseconds: Int, on thread: String, _ ask: @escaping @Sendable () async -> Answer
    ) throws(SystemShortage) -> Answer? {
        let answer = BoundedQueue<Answer>(capacity: 1)
        let thread = try startThread(thread) { self.run() }
        defer {
            stop()
            thread.join()
        }
        Task(executorPreference: self) { _ = await answer.put(await ask()) }
        guard case .element(let found) = answer.takeBlocking(milliseconds: milliseconds) else {
            return nil
        }
        return found
    }
}

/// What the system did not give, and its error number.
public struct SystemShortage: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was requested, such as `a thread`.
    public let resource: String
    /// The system's error number.
    public let code: Int32

    /// A resource that was not to be had, for the reason in `errno` unless one is given.
    init(_ resource: String, code: Int32 = errno) {
        self.resource = resource
        self.code = code
    }

    /// The resource, the system's reason, and where its limits are set.
    public var description: String {
        let limits =
            switch code {
            case EMFILE: "'ulimit -n'"
            case ENFILE: "fs.file-max"
            default: "'ulimit -u', 'ulimit -v', and pids.max and memory.max of the control group"
            }
        return
            unsafe "the system gave no \(resource): \(String(cString: strerror(code))) "
            + "(see \(limits))"
    }
}
