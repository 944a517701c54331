import Glibc

/// A connected UDP socket that sends and receives many datagrams by one system call.
///
/// To c-ares it behaves like a socket without a batch: what it sends waits for `flush`, and an
/// error that only shows then is what it receives next.
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

    /// Takes a datagram to be sent; -1 with `errno` set where there is no room.
    func send(_ datagram: UnsafeRawBufferPointer) -> Int {
        guard datagram.count <= OutgoingDatagrams.sizeLimit else { return fail(EMSGSIZE) }
        if outgoing.count == OutgoingDatagrams.capacity { flush() }
        guard outgoing.count < OutgoingDatagrams.capacity else { return fail(EAGAIN) }
        unsafe outgoing.append(datagram)
        return datagram.count
    }

    /// How sending what waits has ended.
    enum Flushed {
        case done
        /// The system has no room for the rest now.
        case mustWait
        /// The rest is lost, and `receive` reports why.
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

    /// Brings the next datagram and whom it is from; its length, or -1 with `errno` set.
    ///
    /// An empty one is passed over: c-ares would take it for the end of the connection.
    func receive(
        into room: UnsafeMutableRawBufferPointer, from sender: UnsafeMutableRawBufferPointer
    ) -> Int {
        if let failure {
            self.failure = nil
            return fail(failure)
        }
        while let datagram = unsafe incoming.next(from: descriptor) {
            let length = min(datagram.count, room.count)
            guard length > 0 else { continue }
            unsafe room.copyMemory(from: UnsafeRawBufferPointer(rebasing: datagram[..<length]))
            unsafe peer.withUnsafeBytes {
                unsafe sender.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: $0.prefix(sender.count)))
            }
            return length
        }
        return -1
    }

    private func fail(_ error: Int32) -> Int {
        errno = error
        return -1
    }
}
