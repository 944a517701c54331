import Glibc

/// A connected UDP socket that sends and receives many datagrams by one system call.
///
/// To c-ares it behaves like a socket without a batch: what it sends waits for `flush`, and an
/// error that only shows then is what it receives next.
final class DatagramSocket {
    let descriptor: Int32
    private let peer: [UInt8]
    private let outgoing = DatagramRoom(capacity: 64, sizeLimit: 512)
    /// Where the datagrams begin and end that wait to be sent.
    private var unsent = 0..<0
    private let incoming = DatagramRoom(capacity: 32, sizeLimit: 4097)
    /// The datagrams received and not yet taken.
    private var untaken = 0..<0
    /// Whether the last receipt left nothing in the socket, so that the next need not be tried.
    private var isEmptied = false
    private var failure: Int32?

    /// The socket of a descriptor that is connected to the address of these octets.
    init(_ descriptor: Int32, peer: UnsafeRawBufferPointer) {
        self.descriptor = descriptor
        self.peer = Array(peer)
    }

    /// Takes a datagram to be sent; -1 with `errno` set where there is no room.
    func send(_ datagram: UnsafeRawBufferPointer) -> Int {
        guard datagram.count <= outgoing.sizeLimit else { return fail(EMSGSIZE) }
        if unsent.upperBound == outgoing.capacity { flush() }
        guard unsent.upperBound < outgoing.capacity else { return fail(EAGAIN) }
        outgoing.put(datagram, at: unsent.upperBound)
        unsent = unsent.lowerBound..<unsent.upperBound + 1
        return datagram.count
    }

    /// How sending what waits has ended.
    enum Flushed {
        case done
        /// The system has no room for the rest now.
        case mustWait
        /// The rest is lost, and `receive` tells why.
        case failed
    }

    /// Sends what waits.
    @discardableResult
    func flush() -> Flushed {
        while !unsent.isEmpty {
            let sent = outgoing.send(unsent, to: descriptor)
            if sent > 0 {
                unsent = unsent.lowerBound + sent..<unsent.upperBound
            } else if errno == EAGAIN || errno == ENOBUFS {
                return .mustWait
            } else if errno != EINTR {
                failure = errno
                unsent = 0..<0
                return .failed
            }
        }
        unsent = 0..<0
        return .done
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
        while true {
            if untaken.isEmpty, let error = refill() { return fail(error) }
            let datagram = incoming.received(at: untaken.lowerBound)
            untaken = untaken.lowerBound + 1..<untaken.upperBound
            let length = min(datagram.count, room.count)
            guard length > 0 else { continue }
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: datagram[..<length]))
            peer.withUnsafeBytes {
                sender.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(sender.count)))
            }
            return length
        }
    }

    /// Receives what is there; the error where that is nothing.
    private func refill() -> Int32? {
        if isEmptied {
            isEmptied = false
            return EAGAIN
        }
        let count = incoming.receive(from: descriptor)
        guard count > 0 else { return count < 0 ? errno : EAGAIN }
        untaken = 0..<count
        isEmptied = count < incoming.capacity
        return nil
    }

    private func fail(_ error: Int32) -> Int {
        errno = error
        return -1
    }
}
