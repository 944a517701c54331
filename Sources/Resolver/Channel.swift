internal import CAres
internal import DNS
internal import EventLoop
import Glibc

/// The owner of a c-ares channel that talks to one name server, its sockets watched by the loop.
///
/// One try and one server for each channel; `Resolver` decides which server is asked next, how
/// often, and when over TCP. c-ares has sockets opened and closed, and ends each question once.
@safe final class Channel: ReadinessHandler {
    /// What carries the questions.
    enum Transport {
        case udp
        /// c-ares gives up all questions of a connection when it is closed: one at a time.
        case tcp
    }

    private var channel: ares_channel?
    private let loop: EventLoop
    private let ids: QueryIDs
    private let sockets: ChannelSockets
    private let transport: Transport
    private let timeoutMilliseconds: Int
    private var tick: Deadline?
    /// What c-ares wants the socket watched for.
    private var wanted: (descriptor: Int32, readiness: Readiness)?
    private var interval = ReadingInterval()

    /// Questions are ended together whose time is up within so many milliseconds.
    private static let tickMilliseconds = 10
    /// How much longer c-ares would wait: its own clock ends no question.
    private static let reserveMilliseconds = 60_000
    /// How often c-ares reads at once; each time it gets some 32 datagrams.
    private static let readsMax = 64

    init(
        server: NameServer, over transport: Transport, from sources: [IPAddress],
        timeoutMilliseconds: Int, ids: QueryIDs, loop: EventLoop
    ) throws(ResolverError) {
        self.loop = loop
        self.ids = ids
        self.transport = transport
        self.timeoutMilliseconds = timeoutMilliseconds
        // What stays on the machine needs no address that others know.
        let addresses = server.isLoopback ? [] : sources.map(\.bytes)
        sockets = ChannelSockets(from: SourceAddresses(addresses), loop: loop)
        var options = unsafe ares_options()
        // Without NOCHECKRESP c-ares takes SERVFAIL, by which its questions are ended, for a reason
        // to try again; with EDNS it would rewrite questions; without STAYOPEN it would close the
        // socket when no question is out.
        unsafe options.flags = Int32(
            ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_STAYOPEN
                | (transport == .tcp ? ARES_FLAG_USEVC : ARES_FLAG_IGNTC))
        unsafe options.timeout = Int32(clamping: timeoutMilliseconds + Self.reserveMilliseconds)
        unsafe options.tries = 1
        unsafe options.sock_state_cb = channelSocketStateChanged
        unsafe options.sock_state_cb_data = Unmanaged.passUnretained(self).toOpaque()
        let mask =
            ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB
        var made: ares_channel?
        try unsafe check(cares_make(&made, &options, Int32(mask)))
        unsafe channel = made
        try unsafe check(ares_set_servers_ports_csv(channel, server.description))
        try unsafe check(sockets.serve(channel))
        sockets.onEnd = { [unowned self] in read($0) }
    }

    deinit { if let channel = unsafe channel { unsafe ares_destroy(channel) } }

    private func check(_ status: Int32) throws(ResolverError) {
        guard cares_is_success(status) else {
            throw unsafe ResolverError(message: String(cString: ares_strerror(status)))
        }
    }

    /// Sends a question; `resolverAnswered` is called exactly once, perhaps before this returns.
    func send(_ query: Query) {
        let argument = unsafe query.retained
        let deadline = loop.turnTime.advanced(milliseconds: timeoutMilliseconds)
        guard let id = unsafe sockets.open.add(argument, until: deadline, ids.next) else {
            preconditionFailure("more questions are out than the options allow")
        }
        query.progress.id = id
        query.question.withMessage(id: id, usesEDNS: query.progress.usesEDNS) { message in
            unsafe message.withUnsafeBytes { octets in
                unsafe sockets.sending(id, octets) {
                    guard transport == .udp else {
                        return unsafe give(octets.bindMemory(to: UInt8.self), argument)
                    }
                    unsafe ChannelSockets.withStandIn(id: id) { unsafe give($0, argument) }
                }
            }
        }
        startTicking()
    }

    private func give(
        _ message: UnsafeBufferPointer<UInt8>, _ argument: UnsafeMutableRawPointer
    ) {
        unsafe cares_send(
            channel, message.baseAddress, Int32(message.count), resolverAnswered, argument)
    }

    /// Removes a question that c-ares has ended; how, or nil where c-ares knows better.
    func ended(_ id: UInt16) -> OpenQuestions.Ending? { sockets.open.remove(id) }

    private func startTicking() {
        guard tick == nil, let due = sockets.open.firstDeadline else { return }
        let soon = loop.now.advanced(milliseconds: Self.tickMilliseconds)
        tick = loop.schedule(at: max(due, soon)) { [self] in
            sockets.endDue(at: loop.now)
            tick = nil
            startTicking()
        }
    }

    /// Has c-ares read what there is for it, not from within a call of its own.
    private func read(_ descriptor: Int32) {
        for _ in 0..<Self.readsMax {
            sockets.beginReading()
            unsafe ares_process_fd(channel, descriptor, ARES_SOCKET_BAD)
            guard sockets.hasMore(descriptor) else { return }
        }
    }

    func descriptor(_ descriptor: Int32, isReadyFor readiness: Readiness) {
        if readiness.contains(.writable) {
            unsafe ares_process_fd(channel, ARES_SOCKET_BAD, descriptor)
        }
        guard !readiness.isDisjoint(with: [.readable, .closed]) else { return }
        if transport == .udp, !interval.isOn { readAnswers(descriptor) } else { read(descriptor) }
    }

    /// Reads what has come, and then waits for the next answer or, where many are out, for a while.
    private func readAnswers(_ descriptor: Int32?) {
        let (wasOn, answers, out) = (interval.isOn, sockets.answers, sockets.open.count)
        if let descriptor { read(descriptor) }
        let next = interval.next(
            afterReading: sockets.answers - answers, of: out, left: sockets.open.count)
        // Reading may have had c-ares open another socket.
        if interval.isOn != wasOn, let wanted {
            let unwatched: Readiness = next == nil ? [] : .readable
            loop.watch(wanted.descriptor, for: wanted.readiness.subtracting(unwatched), self)
        }
        guard let next else { return }
        _ = loop.schedule(at: loop.now.advanced(milliseconds: next)) { [weak self] in
            self?.readAnswers(self?.wanted?.descriptor)
        }
    }

    fileprivate func watch(_ descriptor: Int32, reads: Bool, writes: Bool) {
        guard reads || writes else {
            if wanted?.descriptor == descriptor { wanted = nil }
            return loop.unwatch(descriptor)
        }
        var readiness: Readiness = []
        if reads { readiness.insert(.readable) }
        if writes { readiness.insert(.writable) }
        wanted = (descriptor, readiness)
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
