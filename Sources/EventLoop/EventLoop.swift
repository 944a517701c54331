import CLinux
internal import DequeModule
import Glibc
internal import Synchronization

/// Is called when a descriptor that it watches becomes ready.
///
/// Spurious calls can come, for a descriptor number that was closed and opened again between two
/// waits, so a handler tries and takes "would block" for an answer.
public protocol ReadinessHandler: AnyObject {
    /// Called on the loop's thread.
    func descriptor(_ descriptor: Int32, isReadyFor readiness: Readiness)
}

/// What has something to do once, when its loop has run what was ready and is about to wait.
public protocol EndOfTurn: AnyObject {
    /// Called on the loop's thread.
    func turnEnds()
}

/// One thread with epoll and deadlines, and the executor of the tasks and actors that live on it.
///
/// # The whole story
///
/// A scan has one loop for each `--threads`. All sockets, timers, tasks and actors of a shard live
/// on its loop, so none of their state needs a lock.
///
/// **One turn.** The loop runs the jobs that are ready (Swift's continuations and task starts),
/// then the `EndOfTurn` handlers (the resolver sends its datagrams there, by one system call), then
/// waits in epoll until a descriptor is ready, a deadline is due or another thread has enqueued a
/// job, and calls the handlers. The time of a turn is read once (`turnTime`).
///
/// **From other threads.** `enqueue` puts a job into `inbox` under a short lock and wakes the loop
/// through an eventfd, once until the loop has looked. Threads that read lists and write records
/// talk to loops through a `BoundedQueue` only.
///
/// **What happens on failure.** A loop never blocks: a handler that would block returns. No handler
/// or deadline throws; each reports to whoever waits. `stop` ends the loop after the jobs that are
/// ready. Where the system has no thread or descriptor for a loop, making it throws
/// `SystemShortage`.
///
/// Everything except `enqueue`, `stop` and the counters is for the loop's own thread. An actor
/// pinned to the loop, run by tasks that prefer it, resumes without a hop: both roles are needed
/// (a serial executor alone resumes continuations on the global pool first).
///
/// `@unchecked Sendable`: the state belongs to the loop's thread, which `enqueue` tells apart; what
/// other threads touch stands in `inbox` and `threadID`.
public final class EventLoop: SerialExecutor, TaskExecutor, @unchecked Sendable {
    private struct Inbox {
        var jobs: [UnownedJob] = []
        var isStopping = false
        var isSignalled = false
    }

    private let inbox = Mutex(Inbox())
    private let threadID = Atomic<UInt>(0)
    private let poller: Poller
    private let wakeup: Wakeup
    private var ready = Deque<UnownedJob>()
    private var arrived: [UnownedJob] = []
    private var deadlines = DeadlineQueue()
    private var atEndOfTurn: [any EndOfTurn] = []
    private var ending: [any EndOfTurn] = []
    private var handlers: [(any ReadinessHandler)?] = []
    private var isStopping = false
    /// When the loop last had nothing left to do.
    private var idleAt = Instant(nanoseconds: 0)
    private var longestLag: UInt64 = 0
    private static let eventsMax = 256

    /// A loop that does not run yet; it takes two descriptors.
    public init() throws(SystemShortage) {
        poller = try Poller()
        wakeup = try Wakeup()
        guard poller.add(wakeup.descriptor, .readable) else { throw SystemShortage("epoll watch") }
    }

    // MARK: Executor

    /// Enqueues a job from any thread; from the loop's own without a lock.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isOnLoop {
            ready.append(job)
        } else {
            deliver { $0.jobs.append(job) }
        }
    }

    private func deliver(_ change: (inout sending Inbox) -> Void) {
        let mustSignal = inbox.withLock { inbox in
            change(&inbox)
            defer { inbox.isSignalled = true }
            return !inbox.isSignalled
        }
        if mustSignal { wakeup.signal() }
    }

    /// Whether the caller runs on the loop's thread.
    public var isOnLoop: Bool { threadID.load(ordering: .relaxed) == UInt(pthread_self()) }

    /// Lets the runtime check isolation by thread.
    public func isIsolatingCurrentContext() -> Bool? { isOnLoop }

    /// Traps where the caller is not on the loop's thread.
    public func checkIsolated() { precondition(isOnLoop, "not on the event loop's thread") }

    // MARK: Running

    /// Runs until `stop`, on the thread that calls.
    ///
    /// Jobs still queued then are not run.
    public func run() {
        threadID.store(UInt(pthread_self()), ordering: .relaxed)
        turnTime = now
        idleAt = turnTime
        unsafe withUnsafeTemporaryAllocation(
            of: epoll_event.self, capacity: Self.eventsMax
        ) { events in
            var hasTakenAll = true
            while !isStopping {
                runReadyJobs()
                endTurn()
                let end = now
                longestLag = max(longestLag, end.nanoseconds &- idleAt.nanoseconds)
                let count = unsafe poller.wait(
                    milliseconds: waitMilliseconds(at: end), into: events)
                turnTime = now
                if hasTakenAll { idleAt = turnTime }
                hasTakenAll = count < Self.eventsMax
                for index in 0..<count {
                    let event = unsafe events[index]
                    unsafe dispatch(event.data.fd, Readiness(rawValue: event.events))
                }
                fireDeadlines()
            }
        }
        threadID.store(0, ordering: .relaxed)
    }

    /// For how many milliseconds at the most something that was ready has waited for the loop,
    /// since this was asked last.
    public func takeLag() -> Int {
        defer { longestLag = 0 }
        return Int(longestLag / 1_000_000)
    }

    /// Ends `run`, from any thread.
    public func stop() { deliver { $0.isStopping = true } }

    /// Runs the jobs that were ready when it began, so that jobs which enqueue jobs cannot keep
    /// the loop from its descriptors.
    private func runReadyJobs() {
        let serial = unsafe asUnownedSerialExecutor()
        let task = unsafe asUnownedTaskExecutor()
        for _ in 0..<ready.count {
            guard let job = ready.popFirst() else { return }
            unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: task)
        }
    }

    /// Calls `worker` once before the loop waits the next time; for what is cheaper done together.
    public func callAtEndOfTurn(_ worker: any EndOfTurn) { atEndOfTurn.append(worker) }

    private func endTurn() {
        swap(&ending, &atEndOfTurn)
        for worker in ending { worker.turnEnds() }
        ending.removeAll(keepingCapacity: true)
    }

    private func waitMilliseconds(at now: Instant) -> Int32 {
        if !ready.isEmpty { return 0 }
        guard let next = deadlines.next() else { return -1 }
        guard next > now else { return 0 }
        // Rounded up: waking early would spin until the deadline.
        let milliseconds = (next.nanoseconds - now.nanoseconds + 999_999) / 1_000_000
        return Int32(clamping: milliseconds)
    }

    private func dispatch(_ descriptor: Int32, _ readiness: Readiness) {
        if descriptor == wakeup.descriptor { return takeInbox() }
        guard Int(descriptor) < handlers.count else { return }
        handlers[Int(descriptor)]?.descriptor(descriptor, isReadyFor: readiness)
    }

    private func takeInbox() {
        wakeup.clear()
        inbox.withLock { inbox in
            swap(&arrived, &inbox.jobs)
            isStopping = inbox.isStopping
            inbox.isSignalled = false
        }
        ready.append(contentsOf: arrived)
        arrived.removeAll(keepingCapacity: true)
    }

    private func fireDeadlines() {
        guard deadlines.next() != nil else { return }
        let now = self.now
        while let action = deadlines.takeDue(at: now) { action() }
    }

    // MARK: Descriptors

    /// Watches `descriptor` until `unwatch`; false with `errno` set where the system has no room
    /// for one more: a task that waits for it then waits until its deadline.
    @discardableResult
    public func watch(
        _ descriptor: Int32, for readiness: Readiness, _ handler: any ReadinessHandler
    ) -> Bool {
        let index = Int(descriptor)
        if index >= handlers.count {
            handlers.append(contentsOf: repeatElement(nil, count: index + 1 - handlers.count))
        }
        if handlers[index] == nil {
            guard poller.add(descriptor, readiness) else { return false }
        } else {
            poller.change(descriptor, readiness)
        }
        handlers[index] = handler
        return true
    }

    /// Stops watching `descriptor`; to be called before it is closed.
    public func unwatch(_ descriptor: Int32) {
        guard Int(descriptor) < handlers.count, handlers[Int(descriptor)] != nil else { return }
        handlers[Int(descriptor)] = nil
        poller.remove(descriptor)
    }

    // MARK: Time

    /// The monotonic clock: steps of the wall clock do not touch it.
    public var now: Instant {
        var time = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(
            nanoseconds: UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec))
    }

    /// The clock as it stood when the loop last woke: for what is done so often that reading the
    /// clock would show.
    public private(set) var turnTime = Instant(nanoseconds: 0)

    /// Calls `action` on the loop at `instant` unless it is cancelled before.
    public func schedule(at instant: Instant, _ action: @escaping () -> Void) -> Deadline {
        let deadline = Deadline(instant, action)
        deadlines.insert(deadline)
        return deadline
    }

    /// Takes a deadline back; without effect where it has fired.
    public func cancel(_ deadline: Deadline) { deadlines.cancel(deadline) }

    /// Suspends the calling task until `instant`.
    public func sleep(until instant: Instant) async {
        await unsafe withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
            _ = schedule(at: instant) { unsafe continuation.resume() }
        }
    }
}
