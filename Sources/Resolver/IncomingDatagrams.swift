// Declares iovec before the system does.
internal import CAres
internal import CLinux
import Glibc

/// Datagrams that one system call brings, to be taken one by one.
@safe struct IncomingDatagrams: ~Copyable {
    private static let capacity = 32
    /// Of a longer datagram only so much is taken.
    private static let sizeLimit = 4097
    private let headers = UnsafeMutablePointer<mmsghdr>.allocate(capacity: capacity)
    private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)
    private let octets = UnsafeMutableRawPointer.allocate(
        byteCount: capacity * sizeLimit, alignment: 8)
    /// The indexes of those that were received and not yet taken.
    private var untaken = 0..<0
    /// Whether the last receipt may have left something in the socket.
    private(set) var mayHaveMore = false

    init() {
        for place in 0..<Self.capacity {
            let vector = unsafe vectors + place
            unsafe vector.initialize(
                to: iovec(iov_base: octets + place * Self.sizeLimit, iov_len: Self.sizeLimit))
            var header = unsafe mmsghdr()
            unsafe header.msg_hdr.msg_iov = vector
            unsafe header.msg_hdr.msg_iovlen = 1
            unsafe (headers + place).initialize(to: header)
        }
    }

    deinit {
        unsafe headers.deallocate()
        unsafe vectors.deallocate()
        unsafe octets.deallocate()
    }

    /// Whether there is a datagram that was received and not taken.
    var hasUntaken: Bool { !untaken.isEmpty }

    /// The next datagram that was received, which may be empty, valid until the next `refill`; nil
    /// for none.
    mutating func next() -> UnsafeRawBufferPointer? {
        guard let place = untaken.first else { return nil }
        untaken = place + 1..<untaken.upperBound
        return unsafe UnsafeRawBufferPointer(
            start: octets + place * Self.sizeLimit, count: Int(headers[place].msg_len))
    }

    /// Receives what the system has; the error where that is nothing.
    mutating func refill(from descriptor: Int32) -> Int32? {
        let count = unsafe recvmmsg(
            descriptor, headers, UInt32(Self.capacity), Int32(MSG_DONTWAIT), nil)
        mayHaveMore = count == Self.capacity
        untaken = 0..<max(0, Int(count))
        guard count <= 0 else { return nil }
        return count < 0 ? errno : EAGAIN
    }
}
