// Declares iovec before the system does.
internal import CAres
internal import CLinux
import Glibc

/// Datagrams that wait to be sent to one peer by one system call.
///
/// Where the system supports UDP GSO (`UDP_SEGMENT`), several are sent as the segments of one large
/// datagram, which the kernel splits. All segments have the length of the first; only the last may
/// be shorter. So the datagrams are sorted by length, longest first.
@safe struct OutgoingDatagrams: ~Copyable {
    static let capacity = 64
    /// The longest datagram that can wait.
    static let sizeLimit = 512
    private let descriptor: Int32
    private let headers = UnsafeMutablePointer<mmsghdr>.allocate(capacity: capacity)
    private let sizes = UnsafeMutablePointer<clinux_segment_size>.allocate(capacity: capacity)
    private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)
    private let octets = UnsafeMutableRawPointer.allocate(
        byteCount: capacity * sizeLimit, alignment: 8)
    private(set) var count = 0
    /// How many of the datagrams are in batches already.
    private var coupled = 0
    /// The batches that have not been sent.
    private var batches = 0..<0
    private var couples: Bool

    init(to descriptor: Int32) {
        self.descriptor = descriptor
        var none: Int32 = 0
        // A system without UDP GSO would send the datagrams as one.
        couples = unsafe setsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &none, socklen_t(4)) == 0
        unsafe headers.initialize(repeating: mmsghdr(), count: Self.capacity)
        unsafe sizes.initialize(repeating: clinux_segment_size(), count: Self.capacity)
        unsafe vectors.initialize(repeating: iovec(), count: Self.capacity)
    }

    deinit {
        unsafe headers.deallocate()
        unsafe sizes.deallocate()
        unsafe vectors.deallocate()
        unsafe octets.deallocate()
    }

    /// Puts a datagram to the others; there must be room for it.
    mutating func append(_ datagram: UnsafeRawBufferPointer) {
        precondition(count < Self.capacity && datagram.count <= Self.sizeLimit)
        let place = unsafe octets + count * Self.sizeLimit
        unsafe UnsafeMutableRawBufferPointer(start: place, count: Self.sizeLimit)
            .copyMemory(from: datagram)
        unsafe vectors[count] = iovec(iov_base: place, iov_len: datagram.count)
        count += 1
    }

    mutating func removeAll() {
        count = 0
        coupled = 0
        batches = 0..<0
    }

    /// Sends what waits; the error that has ended it early.
    mutating func send() -> Int32? {
        couple()
        while !batches.isEmpty {
            let sent = unsafe Int(
                sendmmsg(descriptor, headers + batches.lowerBound, UInt32(batches.count), 0))
            if sent > 0 {
                batches = batches.lowerBound + sent..<batches.upperBound
            } else if couples, errno == EIO || errno == EINVAL {
                // The path to the peer does not support UDP GSO.
                uncouple()
            } else if errno != EINTR {
                return errno
            }
        }
        removeAll()
        return nil
    }

    /// Makes batches of the datagrams that were appended last.
    private mutating func couple() {
        if couples {
            var new = unsafe UnsafeMutableBufferPointer(
                start: vectors + coupled, count: count - coupled)
            unsafe new.sort { unsafe $0.iov_len > $1.iov_len }
        }
        while coupled < count {
            let first = coupled
            let length = unsafe vectors[first].iov_len
            repeat {
                coupled += 1
            } while unsafe couples && coupled < count && vectors[coupled - 1].iov_len == length
            unsafe headers[batches.upperBound].msg_hdr = message(
                first..<coupled, at: batches.upperBound)
            batches = batches.lowerBound..<batches.upperBound + 1
        }
    }

    /// The message that sends some datagrams as one batch, at an index.
    private func message(_ cars: Range<Int>, at place: Int) -> msghdr {
        var message = unsafe msghdr()
        unsafe message.msg_iov = vectors + cars.lowerBound
        unsafe message.msg_iovlen = cars.count
        if cars.count > 1 {
            unsafe sizes[place] = clinux_segment_size(of: vectors[cars.lowerBound].iov_len)
            unsafe message.msg_control = UnsafeMutableRawPointer(sizes + place)
            unsafe message.msg_controllen = MemoryLayout<clinux_segment_size>.size
        }
        return unsafe message
    }

    /// Sends each of the datagrams that wait, and all later ones, alone.
    private mutating func uncouple() {
        couples = false
        coupled = unsafe headers[batches.lowerBound].msg_hdr.msg_iov - vectors
        batches = 0..<0
        couple()
    }
}

extension clinux_segment_size {
    fileprivate init(of length: Int) {
        self.init()
        header.cmsg_level = SOL_UDP
        header.cmsg_type = UDP_SEGMENT
        header.cmsg_len = MemoryLayout<cmsghdr>.size + MemoryLayout<UInt16>.size
        size = UInt16(length)
    }
}
