import CLinux
import Glibc

/// What a descriptor is ready for, or should be watched for.
public struct Readiness: OptionSet, Sendable {
    /// The epoll event bits.
    public let rawValue: UInt32

    /// Readiness of these epoll event bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Reading will not block: bytes, the end, or an error are there.
    public static let readable = Readiness(rawValue: EPOLLIN.rawValue)
    /// Writing will not block, or a connect has ended.
    public static let writable = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The peer closed, or an error is pending.
    public static let closed = Readiness(
        rawValue: EPOLLERR.rawValue | EPOLLHUP.rawValue | EPOLLRDHUP.rawValue)
    /// Report changes only, instead of as long as the state lasts.
    public static let edgeTriggered = Readiness(rawValue: EPOLLET.rawValue)
}

/// The owner of an epoll descriptor.
struct Poller: ~Copyable {
    private let descriptor: Int32

    init() throws(SystemShortage) {
        descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard descriptor >= 0 else { throw SystemShortage("epoll descriptor") }
    }

    deinit { close(descriptor) }

    /// Watches a descriptor; false with `errno` set where the system has no room for one more.
    func add(_ watched: Int32, _ readiness: Readiness) -> Bool {
        if control(EPOLL_CTL_ADD, watched, readiness) { return true }
        precondition(
            errno == ENOMEM || errno == ENOSPC, "epoll_ctl of descriptor \(watched): \(errno)")
        return false
    }

    func change(_ watched: Int32, _ readiness: Readiness) {
        let isChanged = control(EPOLL_CTL_MOD, watched, readiness)
        precondition(isChanged, "epoll_ctl of descriptor \(watched): \(errno)")
    }

    /// Stops watching.
    ///
    /// A descriptor that was closed already has left by itself.
    func remove(_ watched: Int32) {
        var event = unsafe epoll_event()
        unsafe epoll_ctl(descriptor, EPOLL_CTL_DEL, watched, &event)
    }

    private func control(_ operation: Int32, _ watched: Int32, _ readiness: Readiness) -> Bool {
        var event = unsafe epoll_event()
        unsafe event.events = readiness.rawValue
        unsafe event.data.fd = watched
        return unsafe epoll_ctl(descriptor, operation, watched, &event) == 0
    }

    /// Waits up to `milliseconds` (-1: without limit); how many events there are.
    func wait(
        milliseconds: Int32, into events: UnsafeMutableBufferPointer<epoll_event>
    ) -> Int {
        guard let base = events.baseAddress else { return 0 }
        return unsafe max(
            0, Int(epoll_wait(descriptor, base, Int32(events.count), milliseconds)))
    }
}

/// An eventfd: the only way by which another thread ends the loop's wait.
struct Wakeup: ~Copyable {
    let descriptor: Int32

    init() throws(SystemShortage) {
        descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard descriptor >= 0 else { throw SystemShortage("eventfd") }
    }

    deinit { close(descriptor) }

    func signal() {
        var one: UInt64 = 1
        unsafe write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    func clear() {
        var count: UInt64 = 0
        unsafe read(descriptor, &count, MemoryLayout<UInt64>.size)
    }
}
