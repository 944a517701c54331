public import DNS

/// Where a connection is to go.
public struct Destination: Hashable, Sendable {
    /// Why it is made.
    public enum Service: Hashable, Sendable {
        case smtp
        case https
    }

    let service: Service
    /// The addresses of which one is connected to, at most one of a family.
    let addresses: [IPAddress]
    /// The registrable domain of the host.
    let domain: String?
    /// The loop that connects.
    let loop: Int

    /// An SMTP server at an address, whose host is below this registrable domain.
    public init(smtp address: IPAddress, domain: String?, loop: Int) {
        service = .smtp
        addresses = [address]
        self.domain = domain
        self.loop = loop
    }

    /// An HTTPS server that is tried at these addresses, in this order.
    public init(https addresses: [IPAddress], loop: Int) {
        service = .https
        self.addresses = [true, false].compactMap { isV4 in
            addresses.first { $0.isV4 == isV4 }
        }
        domain = nil
        self.loop = loop
    }
}

/// What is limited.
enum Scope: Hashable {
    case network(IPAddress)
    case domain(String)
    case address(Destination.Service, IPAddress)
    /// All connections of a loop.
    case loop(Destination.Service, Int)
    /// Connects of a loop that take long.
    case slowConnects(Int)
}

extension Destination {
    /// What the connection counts in, the widest first, so that those who wait do so where most
    /// others do.
    func scopes(_ limits: AdmissionLimits) -> [Scope] {
        var scopes: [Scope] = []
        for address in addresses where limits.includesLoopback || !address.isLoopback {
            if service == .smtp {
                scopes.append(.network(address.network))
                if let domain { scopes.append(.domain(domain)) }
            }
            scopes.append(.address(service, address))
        }
        return scopes + [.loop(service, loop)]
    }
}

extension IPAddress {
    /// The first address of the IPv4 /24 or IPv6 /48 around this one.
    fileprivate var network: IPAddress {
        switch self {
        case .v4(let value): .v4(value & 0xFFFF_FF00)
        case .v6(let high, _): .v6(high: high & 0xFFFF_FFFF_FFFF_0000, low: 0)
        }
    }

    fileprivate var isLoopback: Bool {
        switch self {
        case .v4(let value): value >> 24 == 127
        case .v6(let high, let low): high == 0 && low == 1
        }
    }
}
