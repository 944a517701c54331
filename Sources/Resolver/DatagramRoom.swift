// Declares iovec before the system does.
internal import CAres
internal import CLinux
import Glibc

/// Room for some datagrams, in the shape in which one system call takes or brings all of them.
struct DatagramRoom: ~Copyable {
    /// How many datagrams there is room for.
    let capacity: Int
    /// The longest datagram; of a longer one only so much is taken.
    let sizeLimit: Int
    private let headers: UnsafeMutablePointer<mmsghdr>
    private let vectors: UnsafeMutablePointer<iovec>
    private let octets: UnsafeMutableRawPointer

    init(capacity: Int, sizeLimit: Int) {
        self.capacity = capacity
        self.sizeLimit = sizeLimit
        headers = .allocate(capacity: capacity)
        vectors = .allocate(capacity: capacity)
        octets = .allocate(byteCount: capacity * sizeLimit, alignment: 8)
        for place in 0..<capacity {
            let vector = vectors + place
            vector.initialize(
                to: iovec(iov_base: octets + place * sizeLimit, iov_len: sizeLimit))
            var header = mmsghdr()
            header.msg_hdr.msg_iov = vector
            header.msg_hdr.msg_iovlen = 1
            (headers + place).initialize(to: header)
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        octets.deallocate()
    }

    /// Puts a datagram into a place, to be sent.
    func put(_ datagram: UnsafeRawBufferPointer, at place: Int) {
        UnsafeMutableRawBufferPointer(start: octets + place * sizeLimit, count: sizeLimit)
            .copyMemory(from: datagram)
        vectors[place].iov_len = datagram.count
    }

    /// The datagram that was received into a place.
    func received(at place: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: octets + place * sizeLimit, count: Int(headers[place].msg_len))
    }

    /// Sends the datagrams of some places; how many were, or -1 with `errno` set.
    func send(_ places: Range<Int>, to descriptor: Int32) -> Int {
        Int(sendmmsg(descriptor, headers + places.lowerBound, UInt32(places.count), 0))
    }

    /// Receives what is there; how many datagrams, or -1 with `errno` set.
    func receive(from descriptor: Int32) -> Int {
        Int(recvmmsg(descriptor, headers, UInt32(capacity), Int32(MSG_DONTWAIT), nil))
    }
}
