import Glibc

/// A socket address of either family.
public struct SocketAddress: Sendable {
    /// AF_INET or AF_INET6.
    public let family: Int32
    private let v4: sockaddr_in
    private let v6: sockaddr_in6

    /// An address of 4 or 16 bytes in network order, and a port; nil for another length.
    public init?(bytes: [UInt8], port: UInt16) {
        var v4 = sockaddr_in()
        var v6 = sockaddr_in6()
        switch bytes.count {
        case 4:
            family = AF_INET
            v4.sin_family = sa_family_t(AF_INET)
            v4.sin_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &v4.sin_addr) { unsafe $0.copyBytes(from: bytes) }
        case 16:
            family = AF_INET6
            v6.sin6_family = sa_family_t(AF_INET6)
            v6.sin6_port = port.bigEndian
            unsafe withUnsafeMutableBytes(of: &v6.sin6_addr) { unsafe $0.copyBytes(from: bytes) }
        default:
            return nil
        }
        self.v4 = v4
        self.v6 = v6
    }

    func withPointer<Value>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Value) -> Value {
        func call<Address>(_ address: Address) -> Value {
            unsafe withUnsafePointer(to: address) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe body($0, socklen_t(MemoryLayout<Address>.size))
                }
            }
        }
        return family == AF_INET ? call(v4) : call(v6)
    }
}

extension SocketAddress {
    /// Binds the socket to the address; false with `errno` set where that fails.
    public func binds(_ descriptor: Int32) -> Bool {
        unsafe withPointer { unsafe bind(descriptor, $0, $1) } == 0
    }

    /// The bytes, in network order, of the address that the socket is bound to; nil for none.
    public static func localBytes(of descriptor: Int32) -> [UInt8]? {
        guard let storage = local(of: descriptor) else { return nil }
        // The address follows family and port, and in IPv6 the flow label too.
        return unsafe withUnsafeBytes(of: storage) { bytes in
            switch Int32(storage.ss_family) {
            case AF_INET: unsafe Array(bytes[4..<8])
            case AF_INET6: unsafe Array(bytes[8..<24])
            default: nil
            }
        }
    }

    /// The port that the socket is bound to; nil for none.
    public static func localPort(of descriptor: Int32) -> UInt16? {
        // The port follows the family in either.
        local(of: descriptor).map { storage in
            unsafe withUnsafeBytes(of: storage) { unsafe UInt16($0[2]) << 8 | UInt16($0[3]) }
        }
    }

    private static func local(of descriptor: Int32) -> sockaddr_storage? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let result = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        return result == 0 ? storage : nil
    }

    /// Whether the system has a route from the datagram socket to the address; nothing is sent.
    public func connects(_ descriptor: Int32) -> Bool {
        unsafe withPointer { unsafe connect(descriptor, $0, $1) } == 0
    }
}

/// The addresses that a loop's connections are made from, round-robin in each family.
///
/// In a family without one the system chooses.
public final class SourceAddresses {
    private let v4: [SocketAddress]
    private let v6: [SocketAddress]
    private var next = 0

    /// Sources of 4 or 16 bytes in network order; the port is the system's choice.
    public init(_ addresses: [[UInt8]]) {
        let all = addresses.compactMap { SocketAddress(bytes: $0, port: 0) }
        v4 = all.filter { $0.family == AF_INET }
        v6 = all.filter { $0.family == AF_INET6 }
    }

    /// Binds a socket that is to be connected; false with `errno` set where that fails.
    public func bind(_ descriptor: Int32) -> Bool {
        guard !v4.isEmpty || !v6.isEmpty else { return true }
        var family: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        unsafe getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &family, &size)
        let sources = family == AF_INET ? v4 : v6
        guard !sources.isEmpty else { return true }
        // The port is chosen by connect, which knows the peer: else 28,000 would be all there are.
        var on: Int32 = 1
        unsafe setsockopt(descriptor, Int32(IPPROTO_IP), IP_BIND_ADDRESS_NO_PORT, &on, size)
        next = (next + 1) % sources.count
        return unsafe sources[next].withPointer { unsafe Glibc.bind(descriptor, $0, $1) } == 0
    }
}
