internal import DNS
internal import EventLoop
import Glibc

/// How this machine reaches the addresses of a family.
struct OutboundSource: Sendable {
    /// The address that packets go out from.
    let source: IPAddress

    /// The route to public IPv4 or IPv6 addresses, from `local` where that is given; nil for none.
    ///
    /// Connecting a datagram socket sends nothing; it only looks for a route.
    init?(isV4: Bool, from local: IPAddress?) {
        // c.root-servers.net.
        guard let root = IPAddress(isV4 ? "192.33.4.12" : "2001:500:2::c"),
            let target = SocketAddress(bytes: root.bytes, port: 53)
        else { return nil }
        let descriptor = socket(target.family, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        if let local, SocketAddress(bytes: local.bytes, port: 0)?.binds(descriptor) != true {
            return nil
        }
        guard target.connects(descriptor),
            let bytes = SocketAddress.localBytes(of: descriptor),
            let source = IPAddress(bytes: bytes)
        else { return nil }
        self.source = source
    }
}

extension ScanOptions {
    /// Refuses local addresses that this machine does not have.
    func checkLocalAddresses() throws(ScanError) {
        for address in localAddresses {
            let isV4 = address.isV4
            let descriptor = socket(isV4 ? AF_INET : AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)
            defer { close(descriptor) }
            guard SocketAddress(bytes: address.bytes, port: 0)?.binds(descriptor) == true else {
                throw .usage(unsafe "--local-addr \(address): \(String(cString: strerror(errno)))")
            }
        }
    }

    /// The route to public addresses of a family.
    func route(isV4: Bool) -> OutboundSource? {
        OutboundSource(isV4: isV4, from: localAddresses.first { $0.isV4 == isV4 })
    }
}
