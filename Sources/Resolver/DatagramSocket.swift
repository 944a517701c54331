import Glibc

/// A connected UDP socket that sends and receives many datagrams by one system call.
///
/// What is sent waits for `flush`. An error that only shows then ends what is received next.
final class DatagramSocket {
    let descriptor: Int32
    private let peer: [UInt8]
    private var outgoing: OutgoingDatagrams
    private var incoming = IncomingDatagrams()
    private var failure: Int32?

    /// The socket of a descriptor that is connected to the address of these octets.
    init(_ descriptor: Int32, peer: UnsafeRawBufferPointer) {
        self.descriptor = descriptor
        self.peer = unsafe Array(peer)
        outgoing = OutgoingDatagrams(to: descriptor)
    }

    /// Takes a datagram to be sent; false where there is no room.
    func send(_ datagram: UnsafeRawBufferPointer) -> Bool {
        guard datagram.count <= OutgoingDatagrams.sizeLimit else { return false }
        if outgoing.count == OutgoingDatagrams.capacity { flush() }
        guard outgoing.count < OutgoingDatagrams.capacity else { return false }
        unsafe outgoing.append(datagram)
        return true
    }

    /// How sending what waits has ended.
    enum Flushed {
        case done
        /// The system has no room for the rest now.
        case mustWait
        /// The rest is lost, and `takeFailure` says why.
        case failed
    }

    /// Sends what waits.
    @discardableResult
    func flush() -> Flushed {
        switch outgoing.send() {
        case nil: return .done
        case EAGAIN, ENOBUFS: return .mustWait
        case let error:
            failure = error
            outgoing.removeAll()
            return .failed
        }
    }

    /// The error that `flush` has met, once.
    func takeFailure() -> Int32? {
        defer { failure = nil }
        return failure
    }

    /// Whether there is a datagram that was received and not taken.
    var hasUntaken: Bool { incoming.hasUntaken }

    /// Whether the system may have more than what was received.
    var mayHaveMore: Bool { incoming.mayHaveMore }

    /// Receives what the system has; nil, or the error where that is nothing.
    ///
    /// What was received before and not taken is lost.
    func refill() -> Int32? { incoming.refill(from: descriptor) }

    /// The next datagram that was received, which may be empty; nil for none.
    ///
    /// It is valid until the next `refill`.
    func next() -> UnsafeRawBufferPointer? { unsafe incoming.next() }

    /// Writes the peer's address, which c-ares compares with that of its server.
    func writePeer(to room: UnsafeMutableRawBufferPointer) {
        unsafe peer.withUnsafeBytes {
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(room.count)))
        }
    }
}
