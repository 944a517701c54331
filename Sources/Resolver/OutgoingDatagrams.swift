// Declares iovec before the system does.
internal import CAres
internal import CLinux
import Glibc

/// Datagrams that wait to be sent to one peer by one system call.
///
/// Where the system supports UDP GSO (`UDP_SEGMENT`), several are sent as the segments of one large
/// datagram, which the kernel splits. All segments have the length of the first; only the last may
/// be shorter. So the datagrams are sorted by length, longest first: the more wait, the more have
/// the same length.
@safe struct OutgoingDatagrams: ~Copyable {
    static let capacity = 256
    /// The longest datagram that can wait.
    static let sizeLimit = 512
    /// Linux splits a datagram into so many segments at the most (UDP_MAX_SEGMENTS).
    private static let segmentsMax = 64
    private let descriptor: Int32
    private let headers = UnsafeMutablePointer<mmsghdr>.allocate(capacity: capacity)
    private let sizes = UnsafeMutablePointer<clinux_segment_size>.allocate(capacity: capacity)
    private let vectors = UnsafeMutablePointer<iovec>.allocate(capacity: capacity)
    private let octets = UnsafeMutableRawPointer.allocate(
        byteCount: capacity * sizeLimit, alignment: 8)
    private(set) var count = 0
    /// How many octets the datagrams have, one behind the other.
    private var octetCount = 0
    /// How many of the datagrams are in batches already.
    private var batched = 0
    /// The batches that have not been sent.
    private var batches = 0..<0
    private var usesGSO: Bool

    init(to descriptor: Int32) {
        self.descriptor = descriptor
        var none: Int32 = 0
        // A system without UDP GSO would send the datagrams as one.
        usesGSO = unsafe setsockopt(descriptor, SOL_UDP, UDP_SEGMENT, &none, socklen_t(4)) == 0
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

    /// Adds a datagram; there must be room for it.
    mutating func append(_ datagram: UnsafeRawBufferPointer) {
        precondition(count < Self.capacity && datagram.count <= Self.sizeLimit)
        let place = unsafe octets + octetCount
        unsafe UnsafeMutableRawBufferPointer(start: place, count: datagram.count)
            .copyMemory(from: datagram)
        unsafe vectors[count] = iovec(iov_base: place, iov_len: datagram.count)
        count += 1
        octetCount += datagram.count
    }

    mutating func removeAll() {
        count = 0
        octetCount = 0
        batched = 0
        batches = 0..<0
    }

    /// Sends what waits; returns the error that has ended it early.
    mutating func send() -> Int32? {
        makeBatches()
        while !batches.isEmpty {
            let sent = unsafe Int(
                sendmmsg(descriptor, headers + batches.lowerBound, UInt32(batches.count), 0))
            if sent > 0 {
                batches = batches.lowerBound + sent..<batches.upperBound
            } else if usesGSO, errno == EIO || errno == EINVAL {
                // The path to the peer does not support UDP GSO.
                sendSingly()
            } else if errno != EINTR {
                return errno
            }
        }
        removeAll()
        return nil
    }

    /// Makes batches of the datagrams that were appended last.
    private mutating func makeBatches() {
        if usesGSO {
            var new = unsafe UnsafeMutableBufferPointer(
                start: vectors + batched, count: count - batched)
            unsafe new.sort { unsafe $0.iov_len > $1.iov_len }
        }
        while batched < count {
            let first = batched
            let length = unsafe vectors[first].iov_len
            repeat {
                batched += 1
            } while unsafe usesGSO && batched < count && batched - first < Self.segmentsMax
                && vectors[batched - 1].iov_len == length
            unsafe headers[batches.upperBound].msg_hdr = message(
                first..<batched, at: batches.upperBound)
            batches = batches.lowerBound..<batches.upperBound + 1
        }
    }

    /// The message that sends some datagrams as one batch, at an index.
    private func message(_ segments: Range<Int>, at index: Int) -> msghdr {
        var message = unsafe msghdr()
        unsafe message.msg_iov = vectors + segments.lowerBound
        unsafe message.msg_iovlen = segments.count
        if segments.count > 1 {
            unsafe sizes[index] = clinux_segment_size(of: vectors[segments.lowerBound].iov_len)
            unsafe message.msg_control = UnsafeMutableRawPointer(sizes + index)
            unsafe message.msg_controllen = MemoryLayout<clinux_segment_size>.size
        }
        return unsafe message
    }

    /// Sends each of the datagrams that wait, and all later ones, as a message of its own.
    private mutating func sendSingly() {
        usesGSO = false
        batched = unsafe headers[batches.lowerBound].msg_hdr.msg_iov - vectors
        batches = 0..<0
        makeBatches()
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
