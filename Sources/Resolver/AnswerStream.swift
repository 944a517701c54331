import Glibc

/// A TCP connection of c-ares: the messages that it brings, each after its length
/// (RFC 1035 §4.2.2), and what c-ares is to get of them.
@safe final class AnswerStream {
    /// The longest message, after its length.
    private static let capacity = 2 + Int(UInt16.max)
    let descriptor: Int32
    private let octets = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 8)
    private var count = 0
    /// What c-ares is still to get.
    var forLibrary: [UInt8] = []
    /// Whether c-ares is to get an error, by which it closes the connection.
    var isFailed = false

    init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { unsafe octets.deallocate() }

    /// Receives what is there; how many octets, 0 at the end, -1 with `errno` set for an error.
    ///
    /// Not to be called while there is a whole message.
    func receive() -> Int {
        let received = unsafe recv(descriptor, octets + count, Self.capacity - count, 0)
        count += max(0, received)
        return received
    }

    /// The first message, if all of it is here; valid until it is removed.
    var message: UnsafeBufferPointer<UInt8>? {
        guard let length, count >= 2 + length else { return nil }
        return unsafe UnsafeBufferPointer(
            start: (octets + 2).assumingMemoryBound(to: UInt8.self), count: length)
    }

    /// Removes the first message, of which all must be here.
    func removeMessage() {
        guard let length else { return }
        count -= 2 + length
        unsafe memmove(octets, octets + 2 + length, count)
    }

    private var length: Int? {
        guard count >= 2 else { return nil }
        return unsafe Int(UInt16(bigEndian: octets.load(as: UInt16.self)))
    }

    /// Passes c-ares what it is still to get, as much as there is room for.
    func take(into room: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(forLibrary.count, room.count)
        unsafe room.copyBytes(from: forLibrary.prefix(count))
        forLibrary.removeFirst(count)
        return count
    }
}
