internal import CAres
internal import EventLoop
import Glibc

/// The sockets of a channel to one name server, for c-ares: those of TCP are plain sockets of the
/// system, that of UDP sends and receives in batches.
///
/// A system call and a pass through the network stack for each datagram are a third of the cost of
/// c-ares' questions.
@safe final class ChannelSockets: EndOfTurn {
    private let loop: EventLoop
    private let sources: SourceAddresses
    private let functions = UnsafeMutablePointer<ares_socket_functions>.allocate(capacity: 1)
    private var datagrams: DatagramSocket?
    private var isToFlush = false
    /// The last datagram, in c-ares' buffer; nil when c-ares has returned.
    private var received: UnsafeRawBufferPointer?
    /// Called with a descriptor on which c-ares would find an error.
    var onFailure: (Int32) -> Void = { _ in }

    /// How long what the system has no room for is kept back, in milliseconds.
    private static let patienceMilliseconds = 2

    init(from sources: SourceAddresses, loop: EventLoop) {
        self.loop = loop
        self.sources = sources
        unsafe functions.initialize(to: socketFunctions)
    }

    deinit { unsafe functions.deallocate() }

    /// Has c-ares use these sockets; they must outlive the channel.
    func serve(_ channel: ares_channel?) {
        unsafe ares_set_socket_functions(
            channel, functions, Unmanaged.passUnretained(self).toOpaque())
    }

    /// c-ares leaves all settings of such sockets to their owner.
    fileprivate func open(_ family: Int32, _ kind: Int32, _ transport: Int32) -> Int32 {
        let flags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind | flags, transport)
        guard descriptor >= 0 else { return -1 }
        if kind == Int32(SOCK_STREAM.rawValue) {
            set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        } else {
            set(descriptor, SOL_SOCKET, SO_RCVBUF, 1 << 22)
            set(descriptor, SOL_SOCKET, SO_SNDBUF, 1 << 22)
        }
        guard sources.bind(descriptor) else {
            Glibc.close(descriptor)
            return -1
        }
        return descriptor
    }

    private func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
        var value = value
        unsafe setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
    }

    fileprivate func connect(_ descriptor: Int32, _ peer: UnsafeRawBufferPointer) -> Int32 {
        guard let address = unsafe peer.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
            return -1
        }
        let result = unsafe Glibc.connect(descriptor, address, socklen_t(peer.count))
        if result == 0, isDatagramSocket(descriptor) {
            datagrams = unsafe DatagramSocket(descriptor, peer: peer)
        }
        return result
    }

    private func isDatagramSocket(_ descriptor: Int32) -> Bool {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size)
        return kind == Int32(SOCK_DGRAM.rawValue)
    }

    fileprivate func close(_ descriptor: Int32) -> Int32 {
        if datagrams?.descriptor == descriptor { datagrams = nil }
        return Glibc.close(descriptor)
    }

    fileprivate func receive(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer,
        from sender: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let datagrams, datagrams.descriptor == descriptor else {
            return unsafe recv(descriptor, room.baseAddress, room.count, 0)
        }
        let count = unsafe datagrams.receive(into: room, from: sender)
        unsafe received = UnsafeRawBufferPointer(rebasing: room.prefix(max(0, count)))
        return count
    }

    /// The whole datagram whose beginning c-ares passes at `start`; nil where it is not the last
    /// that was received.
    ///
    /// Of a datagram of more than 512 octets c-ares 1.18 passes on the first 512, unless it does
    /// EDNS itself; then it would rewrite questions.
    func datagram(at start: UnsafePointer<UInt8>) -> UnsafeRawBufferPointer? {
        guard let received = unsafe received, unsafe received.baseAddress == UnsafeRawPointer(start)
        else { return nil }
        return unsafe received
    }

    /// To be called when c-ares has read what was received: its buffer is invalid after that.
    func forgetReceived() { unsafe received = nil }

    fileprivate func send(
        _ descriptor: Int32, _ vectors: UnsafePointer<iovec>, _ count: Int32
    ) -> Int {
        guard let datagrams, datagrams.descriptor == descriptor else {
            return unsafe writev(descriptor, vectors, count)
        }
        // c-ares passes a question for UDP in one piece.
        precondition(count == 1, "a datagram in \(count) pieces")
        flushSoon()
        return unsafe datagrams.send(
            UnsafeRawBufferPointer(start: vectors[0].iov_base, count: vectors[0].iov_len))
    }

    // MARK: Flushing

    private func flushSoon() {
        guard !isToFlush else { return }
        isToFlush = true
        loop.callAtEndOfTurn(self)
    }

    func turnEnds() {
        isToFlush = false
        guard let datagrams else { return }
        switch datagrams.flush() {
        case .done: return
        case .failed: onFailure(datagrams.descriptor)
        case .mustWait:
            isToFlush = true
            let soon = loop.now.advanced(milliseconds: Self.patienceMilliseconds)
            _ = loop.schedule(at: soon) { [self] in turnEnds() }
        }
    }
}

// MARK: Called by c-ares, on the loop's thread

private let socketFunctions = unsafe ares_socket_functions(
    asocket: { unsafe owner($3).open($0, $1, $2) },
    aclose: { unsafe owner($1).close($0) },
    aconnect: { descriptor, address, size, data in
        unsafe owner(data).connect(
            descriptor, UnsafeRawBufferPointer(start: address, count: Int(size)))
    },
    arecvfrom: { descriptor, room, size, _, sender, senderSize, data in
        let length = unsafe senderSize.map { unsafe Int($0.pointee) } ?? 0
        return unsafe owner(data).receive(
            descriptor, into: UnsafeMutableRawBufferPointer(start: room, count: size),
            from: UnsafeMutableRawBufferPointer(start: sender, count: sender == nil ? 0 : length))
    },
    asendv: { descriptor, vectors, count, data in
        guard let vectors = unsafe vectors else { return 0 }
        return unsafe owner(data).send(descriptor, vectors, count)
    })

private func owner(_ data: UnsafeMutableRawPointer?) -> ChannelSockets {
    guard let data = unsafe data else { preconditionFailure("c-ares lost the sockets' owner") }
    return unsafe Unmanaged<ChannelSockets>.fromOpaque(data).takeUnretainedValue()
}
