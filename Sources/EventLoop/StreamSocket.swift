import Glibc

/// How a wait for a socket ended.
public enum Wait: Sendable {
    /// Try the operation again.
    case ready
    /// The deadline passed.
    case timedOut
}

/// How reading or writing ended.
public enum IOResult: Equatable, Sendable {
    /// So many bytes were moved.
    case bytes(Int)
    /// The peer closed its side.
    case closed
    /// The deadline passed.
    case timedOut
    /// The system's error number.
    case failed(Int32)
}

/// Has the system take at most 64 KiB or so from the peer before they are read: what is read of
/// mail and policy servers is less, and one that sends without end is left with that.
public func limitReceiveBuffer(of descriptor: Int32) {
    var octets: Int32 = 1 << 15  // doubled by the system, for its own use
    unsafe setsockopt(
        descriptor, SOL_SOCKET, SO_RCVBUF, &octets, socklen_t(MemoryLayout<Int32>.size))
}

/// A nonblocking TCP connection on a loop.
///
/// One task at a time waits for it.
@safe public final class StreamSocket: ReadinessHandler {
    /// The socket's descriptor, for libraries that read and write it themselves.
    public let descriptor: Int32
    private let loop: EventLoop
    private var waiter: UnsafeContinuation<Wait, Never>?
    private var deadline: Deadline?
    /// Edge-triggered: an edge that came while no task waited must not be lost.
    private var edgeSeen = false
    private var isClosed = false

    /// A socket of the address family, or nil with `errno` set where none can be had.
    public init?(family: Int32, on loop: EventLoop) {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        descriptor = socket(family, kind, 0)
        self.loop = loop
        guard descriptor >= 0 else { return nil }
        limitReceiveBuffer(of: descriptor)
        let events: Readiness = [.readable, .writable, .closed, .edgeTriggered]
        guard loop.watch(descriptor, for: events, self) else {
            let code = errno
            Glibc.close(descriptor)
            isClosed = true
            errno = code
            return nil
        }
    }

    deinit { precondition(isClosed || descriptor < 0, "a socket must be closed") }

    /// Closes the connection.
    ///
    /// To be called once, on the loop.
    public func close() {
        loop.unwatch(descriptor)
        Glibc.close(descriptor)
        isClosed = true
    }

    /// Connects from one of `sources`; `.bytes(0)` means that the connection is established.
    public func connect(
        to address: SocketAddress, from sources: SourceAddresses, until instant: Instant
    ) async -> IOResult {
        guard sources.bind(descriptor) else { return .failed(errno) }
        let result = unsafe address.withPointer { unsafe Glibc.connect(descriptor, $0, $1) }
        if result == 0 { return .bytes(0) }
        guard errno == EINPROGRESS else { return .failed(errno) }
        return await finishConnect(until: instant)
    }

    /// Continues to wait for a connect that was not done in time.
    public func finishConnect(until instant: Instant) async -> IOResult {
        while true {
            guard await wait(until: instant) == .ready else { return .timedOut }
            if let outcome = connectOutcome() { return outcome }
        }
    }

    /// The result of a connect, or nil while it is in progress.
    private func connectOutcome() -> IOResult? {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size)
        if error != 0 { return .failed(error) }
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        return unsafe poll(&state, 1, 0) == 1 ? .bytes(0) : nil
    }

    /// Reads what is there into `buffer`, waiting until there is something.
    public func read(into buffer: inout [UInt8], until instant: Instant) async -> IOResult {
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes {
                unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
            }
            if count > 0 { return .bytes(count) }
            if count == 0 { return .closed }
            if errno == EINTR { continue }
            guard errno == EAGAIN else { return .failed(errno) }
            guard await wait(until: instant) == .ready else { return .timedOut }
        }
    }

    /// Writes all of `bytes`.
    public func write(_ bytes: [UInt8], until instant: Instant) async -> IOResult {
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes.withUnsafeBytes {
                unsafe send(
                    descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent,
                    Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                guard await wait(until: instant) == .ready else { return .timedOut }
            } else if errno != EINTR {
                return .failed(errno)
            }
        }
        return .bytes(sent)
    }

    /// Waits for the next change of the socket's state.
    public func wait(until instant: Instant) async -> Wait {
        await unsafe withUnsafeContinuation { continuation in
            // Checked here and not before: the loop may have run between the call and this.
            if edgeSeen {
                edgeSeen = false
                unsafe continuation.resume(returning: .ready)
            } else {
                unsafe waiter = continuation
                deadline = loop.schedule(at: instant) { [self] in resume(.timedOut) }
            }
        }
    }

    /// Called by the loop.
    public func descriptor(_ descriptor: Int32, isReadyFor readiness: Readiness) {
        if unsafe waiter == nil {
            edgeSeen = true
        } else {
            resume(.ready)
        }
    }

    private func resume(_ outcome: Wait) {
        if let deadline { loop.cancel(deadline) }
        deadline = nil
        let continuation = unsafe waiter
        unsafe waiter = nil
        unsafe continuation?.resume(returning: outcome)
    }
}
