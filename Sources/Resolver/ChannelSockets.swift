internal import CAres
internal import DNS
internal import EventLoop
import Glibc

/// The sockets of a channel to one name server, for c-ares: that of UDP sends and receives in
/// batches, those of TCP are plain sockets of the system.
///
/// # What c-ares sees of an answer
///
/// A message that answers no open question never reaches c-ares: its peer, QR, opcode, id and
/// question are compared here first. Of one that does, c-ares gets a header and a question alone,
/// to end its question by; the message itself is kept in `open` as it came. So it matters not what
/// a version of c-ares would do with it: end all questions of the socket on one that it cannot
/// parse (from 1.21 on), rewrite it (from 1.28 on), cut it at 512 octets (1.18), or send the
/// question again. Its RCODE is SERVFAIL: of such answers no version learns how fast the server is,
/// or keeps them.
///
/// Over UDP that question is `standIn`, whatever is asked: neither leaves the machine, and c-ares
/// would take the names of both apart to compare them. Over TCP c-ares writes the question itself.
///
/// A question whose time is up ends in the same way: c-ares gets an answer over UDP, and an error
/// over TCP, which closes the connection. So c-ares never sees a timeout, after which later
/// versions open another socket.
///
/// A system call and a pass through the network stack for each datagram would be a third of the
/// cost of c-ares' questions.
@safe final class ChannelSockets: EndOfTurn {
    /// The questions that are out.
    var open = OpenQuestions()
    private let loop: EventLoop
    private let sources: SourceAddresses
    private let functions = UnsafeMutablePointer<cares_sockets>.allocate(capacity: 1)
    private var datagrams: DatagramSocket?
    private var stream: AnswerStream?
    private var isToFlush = false
    /// The question that c-ares is given now, and its message as it is to be sent.
    private var current: (id: UInt16, message: UnsafeRawBufferPointer)?
    /// The questions over UDP that c-ares is to end without an answer.
    private var toEnd: [UInt16] = []
    /// How much c-ares was given since `beginReading`.
    private var given = 0
    /// How many datagrams have answered a question.
    private(set) var answers = 0
    /// Called with a descriptor where c-ares must read what is not the system's.
    var onEnd: (Int32) -> Void = { _ in }

    /// What c-ares takes for every question over UDP, without its id: RD, and a question for the
    /// root's addresses (RFC 1035 §4.1).
    private static let standIn: [UInt8] = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1]
    /// How long what the system has no room for is kept back, in milliseconds.
    private static let patienceMilliseconds = 2

    init(from sources: SourceAddresses, loop: EventLoop) {
        self.loop = loop
        self.sources = sources
        unsafe functions.initialize(to: cares_sockets(functions: socketFunctions, owner: nil))
    }

    deinit { unsafe functions.deallocate() }

    /// Has c-ares use these sockets, which must outlive the channel; the status of c-ares.
    func serve(_ channel: ares_channel?) -> Int32 {
        unsafe functions.pointee.owner = Unmanaged.passUnretained(self).toOpaque()
        return unsafe cares_use_sockets(channel, functions)
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
        let error = errno
        if !isDatagramSocket(descriptor) {
            stream = AnswerStream(descriptor)
        } else if result == 0 {
            datagrams = unsafe DatagramSocket(descriptor, peer: peer)
        }
        errno = error
        return result
    }

    private func isDatagramSocket(_ descriptor: Int32) -> Bool {
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size)
        return kind == Int32(SOCK_DGRAM.rawValue)
    }

    fileprivate func close(_ descriptor: Int32) -> Int32 {
        if datagrams?.descriptor == descriptor {
            open.forgetAnswers()
            datagrams = nil
        }
        if stream?.descriptor == descriptor {
            open.forgetAnswers()
            stream = nil
        }
        return Glibc.close(descriptor)
    }

    // MARK: Sending

    /// Passes `body` what stands in for a question, with this id.
    static func withStandIn(id: UInt16, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: standIn.count) { room in
            unsafe writeStandIn(id, to: UnsafeMutableRawBufferPointer(room))
            unsafe body(UnsafeBufferPointer(room))
        }
    }

    private static func writeStandIn(_ id: UInt16, to room: UnsafeMutableRawBufferPointer) {
        unsafe room.copyBytes(from: standIn)
        unsafe room[0] = UInt8(id >> 8)
        unsafe room[1] = UInt8(id & 255)
    }

    /// Calls `body`, in which c-ares is given the question with an id, whose message is sent.
    func sending(_ id: UInt16, _ message: UnsafeRawBufferPointer, _ body: () -> Void) {
        // What an error ends within can send another question.
        let outer = unsafe current
        unsafe current = unsafe (id, message)
        body()
        unsafe current = unsafe outer
    }

    fileprivate func send(
        _ descriptor: Int32, _ vectors: UnsafePointer<iovec>, _ count: Int32
    ) -> Int {
        let first = unsafe UnsafeRawBufferPointer(
            start: vectors[0].iov_base, count: vectors[0].iov_len)
        guard let datagrams, datagrams.descriptor == descriptor else {
            if stream?.descriptor == descriptor { unsafe noteLibraryID(ofStream: first) }
            return unsafe writev(descriptor, vectors, count)
        }
        // c-ares passes a question for UDP in one piece.
        precondition(count == 1 && first.count >= 2, "a datagram in \(count) pieces")
        // What c-ares sends by itself is not sent.
        guard let (id, message) = unsafe current else { return first.count }
        unsafe open.setLibraryID(UInt16(first[0]) << 8 | UInt16(first[1]), of: id)
        flushSoon()
        if unsafe !datagrams.send(message) {
            open.end(id, .unsent)
            toEnd.append(id)
        }
        return first.count
    }

    /// The first that c-ares writes of a question is its length and its id.
    private func noteLibraryID(ofStream octets: UnsafeRawBufferPointer) {
        guard let id = open.only, open.question(id)?.libraryID == nil, octets.count >= 4
        else { return }
        unsafe open.setLibraryID(UInt16(octets[2]) << 8 | UInt16(octets[3]), of: id)
    }

    private func flushSoon() {
        guard !isToFlush else { return }
        isToFlush = true
        loop.callAtEndOfTurn(self)
    }

    func turnEnds() {
        isToFlush = false
        guard let datagrams else { return }
        switch datagrams.flush() {
        case .done: break
        case .failed: return onEnd(datagrams.descriptor)
        case .mustWait:
            isToFlush = true
            let soon = loop.now.advanced(milliseconds: Self.patienceMilliseconds)
            _ = loop.schedule(at: soon) { [self] in turnEnds() }
        }
        if !toEnd.isEmpty { onEnd(datagrams.descriptor) }
    }

    // MARK: Ending

    /// Ends the questions whose time is up.
    func endDue(at now: Instant) {
        while let id = open.nextDue(at: now) {
            open.end(id, .timedOut)
            if stream == nil { toEnd.append(id) }
            stream?.isFailed = true
        }
        if let datagrams, !toEnd.isEmpty { onEnd(datagrams.descriptor) }
        if let stream, stream.isFailed { onEnd(stream.descriptor) }
    }

    // MARK: Receiving

    /// To be called before c-ares reads from a socket.
    func beginReading() { given = 0 }

    /// Whether c-ares should read from a socket again: there is more, and it read the last time.
    func hasMore(_ descriptor: Int32) -> Bool {
        guard given > 0 else { return false }
        if let stream, stream.descriptor == descriptor { return !stream.forLibrary.isEmpty }
        guard let datagrams, datagrams.descriptor == descriptor else { return false }
        return !toEnd.isEmpty || datagrams.hasUntaken || datagrams.mayHaveMore
    }

    fileprivate func receive(
        _ descriptor: Int32, into room: UnsafeMutableRawBufferPointer,
        from sender: UnsafeMutableRawBufferPointer
    ) -> Int {
        if let stream, stream.descriptor == descriptor {
            return unsafe receive(stream, into: room)
        }
        guard let datagrams, datagrams.descriptor == descriptor else { return fail(EBADF) }
        if let failure = datagrams.takeFailure() { return fail(failure) }
        unsafe datagrams.writePeer(to: sender)
        while let id = toEnd.popLast() {
            // Its id may be another's by now, where c-ares has ended it for an error.
            guard let question = open.question(id), question.ending != nil,
                let libraryID = question.libraryID
            else { continue }
            return unsafe giveEnd(of: libraryID, to: room)
        }
        return unsafe receive(datagrams, into: room)
    }

    /// The next datagram that answers a question, as c-ares gets to see it.
    private func receive(
        _ datagrams: DatagramSocket, into room: UnsafeMutableRawBufferPointer
    ) -> Int {
        if !datagrams.hasUntaken {
            // Later versions call back for none of a batch before they have read all of it.
            guard given == 0 else { return fail(EAGAIN) }
            if let error = datagrams.refill() { return fail(error) }
            given = 1
        }
        while let datagram = unsafe datagrams.next() {
            let message = unsafe datagram.bindMemory(to: UInt8.self)
            if let answered = unsafe answered(by: message, libraryIDs: false) {
                answers += 1
                unsafe open.end(
                    answered.id, .answer(message, questionEnd: answered.questionEnd))
                return unsafe giveEnd(of: answered.libraryID, to: room)
            }
        }
        return fail(EAGAIN)
    }

    /// An open question that a message answers.
    private struct Answered {
        let id: UInt16
        let libraryID: UInt16
        /// Where the question ends in the message.
        let questionEnd: Int
    }

    /// The open question that a message answers; nil where it answers none.
    private func answered(by message: UnsafeBufferPointer<UInt8>, libraryIDs: Bool) -> Answered? {
        guard message.count >= 12 else { return nil }
        let sent = unsafe UInt16(message[0]) << 8 | UInt16(message[1])
        guard let id = libraryIDs ? open.only : sent, let question = open.question(id),
            question.ending == nil, let libraryID = question.libraryID,
            !libraryIDs || libraryID == sent
        else { return nil }
        let end = unsafe Query.looking(at: question.argument) {
            unsafe $0.question.end(inAnswer: message.span)
        }
        return end.map { Answered(id: id, libraryID: libraryID, questionEnd: $0) }
    }

    /// Writes what has c-ares end a question over UDP: an answer to the stand-in; its length.
    private func giveEnd(of libraryID: UInt16, to room: UnsafeMutableRawBufferPointer) -> Int {
        precondition(Self.standIn.count <= room.count, "c-ares reads \(room.count) octets at most")
        unsafe Self.writeStandIn(libraryID, to: room)
        unsafe writeFailure(to: room)
        given += 1
        return Self.standIn.count
    }

    /// Has a message say that it is a failure.
    private func writeFailure(to room: UnsafeMutableRawBufferPointer) {
        // QR, RD; RA, SERVFAIL (RFC 1035 §4.1.1).
        unsafe room[2] = 0x81
        unsafe room[3] = 0x82
    }

    /// Writes what has c-ares end a question over TCP: an answer without records; its length.
    ///
    /// Nil where c-ares has ended it already, or there is no room.
    private func writeEnd(of id: UInt16, to room: UnsafeMutableRawBufferPointer) -> Int? {
        guard let question = open.question(id), let libraryID = question.libraryID
        else { return nil }
        var length: Int?
        unsafe Query.looking(at: question.argument) { query in
            query.question.withMessage(id: libraryID, usesEDNS: false) { message in
                unsafe message.withUnsafeBytes { octets in
                    guard octets.count <= room.count else { return }
                    unsafe room.copyMemory(from: octets)
                    length = octets.count
                }
            }
        }
        guard length != nil else { return nil }
        unsafe writeFailure(to: room)
        return length
    }

    // MARK: TCP

    private func receive(_ stream: AnswerStream, into room: UnsafeMutableRawBufferPointer) -> Int {
        if stream.isFailed { return fail(ETIMEDOUT) }
        if stream.forLibrary.isEmpty {
            // The answer is where it came until c-ares has ended the question.
            if let id = open.only, open.question(id)?.ending != nil { return fail(EAGAIN) }
            if !findAnswer(in: stream) {
                let received = stream.receive()
                guard received > 0 else { return received }
                guard findAnswer(in: stream) else { return fail(EAGAIN) }
            }
        }
        let count = unsafe stream.take(into: room)
        given += count
        return count
    }

    /// Whether the question on the connection is answered; other messages are passed over.
    private func findAnswer(in stream: AnswerStream) -> Bool {
        while let message = unsafe stream.message {
            if let answered = unsafe answered(by: message, libraryIDs: true) {
                unsafe open.end(
                    answered.id, .answer(message, questionEnd: answered.questionEnd))
                stream.forLibrary = end(of: answered.id)
                return true
            }
            stream.removeMessage()
        }
        return false
    }

    /// What has c-ares end a question over TCP.
    private func end(of id: UInt16) -> [UInt8] {
        let capacity = 2 + OutgoingDatagrams.sizeLimit
        return unsafe [UInt8](unsafeUninitializedCapacity: capacity) { octets, count in
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: UnsafeMutableRawBufferPointer(octets)[2...])
            let length = unsafe writeEnd(of: id, to: room) ?? 0
            unsafe octets[0] = UInt8(length >> 8)
            unsafe octets[1] = UInt8(length & 0xFF)
            count = 2 + length
        }
    }

    private func fail(_ error: Int32) -> Int {
        errno = error
        return -1
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
