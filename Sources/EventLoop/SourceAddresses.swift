import Glibc

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
