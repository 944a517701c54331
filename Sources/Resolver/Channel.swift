internal import CAres
internal import DNS
internal import EventLoop
import Glibc

/// The owner of a c-ares channel that talks to one name server, its sockets watched by the loop.
///
/// One try and one server for each channel; `Resolver` decides which server is asked next, how
/// often, and when over TCP. c-ares does the sockets and matches answers to questions.
@safe final class Channel: ReadinessHandler {
    /// What carries the questions.
    enum Transport {
        case udp
        /// c-ares 1.18 gives up all questions of a connection when it is closed: one at a time.
        case tcp
    }

    private var channel: ares_channel?
    private let loop: EventLoop
    private let sockets: ChannelSockets
    private var pending = 0
    private var tick: Deadline?

    /// c-ares 1.18 finds its next timeout by a walk over all queries, 100 µs and more at 10,000 in
    /// flight, but serves due ones from buckets in 30 ns: so it is called at this interval while
    /// questions are in flight.
    private static let tickMilliseconds = 50

    init(
        server: NameServer, over transport: Transport, from sources: [IPAddress],
        timeoutMilliseconds: Int, loop: EventLoop
    ) throws(ResolverError) {
        self.loop = loop
        // What stays on the machine needs no address that others know.
        let addresses = server.isLoopback ? [] : sources.map(\.bytes)
        sockets = ChannelSockets(from: SourceAddresses(addresses), loop: loop)
        var options = unsafe ares_options()
        // Without NOCHECKRESP c-ares hides the RCODE of SERVFAIL, NOTIMP and REFUSED; with EDNS it
        // would rewrite questions itself; without IGNTC it would mix TCP into the UDP questions.
        unsafe options.flags = Int32(
            ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_STAYOPEN
                | (transport == .tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC))
        unsafe options.timeout = Int32(clamping: timeoutMilliseconds)
        unsafe options.tries = 1
        unsafe options.sock_state_cb = channelSocketStateChanged
        unsafe options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        let mask =
            ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB
        var made: ares_channel?
        try unsafe check(ares_init_options(&made, &options, Int32(mask)))
        unsafe channel = made
        try point(to: server)
        unsafe sockets.serve(channel)
        sockets.onFailure = { [unowned self] in fail($0) }
    }

    deinit { if let channel = unsafe channel { unsafe ares_destroy(channel) } }

    private func point(to server: NameServer) throws(ResolverError) {
        var node = unsafe ares_addr_port_node()
        unsafe node.udp_port = Int32(server.port)
        unsafe node.tcp_port = Int32(server.port)
        let bytes = server.address.bytes
        unsafe node.family = bytes.count == 4 ? AF_INET : AF_INET6
        unsafe withUnsafeMutableBytes(of: &node.addr) { unsafe $0.copyBytes(from: bytes) }
        try unsafe check(ares_set_servers_ports(channel, &node))
    }

    private func check(_ status: Int32) throws(ResolverError) {
        guard status == ARES_SUCCESS else {
            throw unsafe ResolverError(message: String(cString: ares_strerror(status)))
        }
    }

    /// Sends a message; `callback` gets `argument` exactly once, perhaps before this returns.
    func send(
        _ message: Span<UInt8>, _ callback: ares_callback, _ argument: UnsafeMutableRawPointer
    ) {
        pending += 1
        unsafe message.withUnsafeBufferPointer {
            unsafe ares_send(channel, $0.baseAddress, Int32($0.count), callback, argument)
        }
        startTicking()
    }

    /// To be called by the callback of `send`.
    func finished() { pending -= 1 }

    private func startTicking() {
        guard tick == nil, pending > 0 else { return }
        let next = loop.now.advanced(milliseconds: Self.tickMilliseconds)
        tick = loop.schedule(at: next) { [self] in
            unsafe ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD)
            tick = nil
            startTicking()
        }
    }

    /// Lets c-ares find the error of a send on a socket; not from within a call of its own.
    private func fail(_ descriptor: Int32) {
        unsafe ares_process_fd(channel, descriptor, ARES_SOCKET_BAD)
    }

    func descriptor(_ descriptor: Int32, isReadyFor readiness: Readiness) {
        let reads = !readiness.isDisjoint(with: [.readable, .closed])
        let writes = readiness.contains(.writable)
        unsafe ares_process_fd(
            channel, reads ? descriptor : ARES_SOCKET_BAD, writes ? descriptor : ARES_SOCKET_BAD)
        sockets.forgetReceived()
    }

    /// The whole of the message that c-ares passes to a callback.
    func whole(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UnsafeBufferPointer<UInt8> {
        let datagram = unsafe sockets.datagram(at: bytes).map {
            unsafe $0.bindMemory(to: UInt8.self)
        }
        return unsafe datagram ?? UnsafeBufferPointer(start: bytes, count: count)
    }

    fileprivate func watch(_ descriptor: Int32, reads: Bool, writes: Bool) {
        guard reads || writes else { return loop.unwatch(descriptor) }
        var readiness: Readiness = []
        if reads { readiness.insert(.readable) }
        if writes { readiness.insert(.writable) }
        loop.watch(descriptor, for: readiness, self)
    }
}

/// Passes to the owning channel which of its sockets c-ares wants watched; called by c-ares on the
/// loop's thread.
///
/// The channel outlives its sockets: `ares_destroy` closes them in `deinit`.
private func channelSocketStateChanged(
    _ owner: UnsafeMutableRawPointer?, _ descriptor: Int32, _ reads: Int32, _ writes: Int32
) {
    guard let owner = unsafe owner else { preconditionFailure("c-ares lost the channel's owner") }
    unsafe Unmanaged<Channel>.fromOpaque(owner).takeUnretainedValue()
        .watch(descriptor, reads: reads != 0, writes: writes != 0)
}
