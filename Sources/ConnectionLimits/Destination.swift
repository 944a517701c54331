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
    /// The hash of the host's name.
    let name: Int

    /// The SMTP server `host` at an address, which is below this registrable domain.
    public init(smtp address: IPAddress, host: DomainName, domain: String?, loop: Int) {
        service = .smtp
        addresses = [address]
        self.domain = domain
        self.loop = loop
        name = host.hashValue
    }

    /// The HTTPS server `host` that is tried at these addresses, in this order.
    public init(https addresses: [IPAddress], host: DomainName, loop: Int) {
        service = .https
        self.addresses = [true, false].compactMap { isV4 in
            addresses.first { $0.isV4 == isV4 }
        }
        domain = nil
        self.loop = loop
        name = host.hashValue
    }
}

/// The server at some addresses, whatever its name.
struct Peer: Hashable {
    let service: Destination.Service
    let addresses: [IPAddress]
}

/// What is limited.
enum Scope: Hashable, Sendable {
    case network(Destination.Service, IPAddress)
    case domain(String)
    case address(Destination.Service, IPAddress)
    /// The share of all loops' connections that an address without a limit of its own may have.
    case share(Destination.Service, IPAddress)
    /// All connections of a loop.
    case loop(Destination.Service, Int)
    /// Sessions of a loop that wait for their peer for long.
    case slowSessions(Int)
}

extension Destination {
    var peer: Peer { Peer(service: service, addresses: addresses) }

    /// What the connection counts in, the widest first, so that those who wait do so where most
    /// others do.
    func scopes(_ limits: DestinationLimits) -> [Scope] {
        var scopes: [Scope] = []
        for address in addresses {
            guard limits.includesLoopback || !address.isLoopback else {
                scopes.append(.share(service, address))
                continue
            }
            scopes.append(.network(service, address.network))
            if service == .smtp, let domain { scopes.append(.domain(domain)) }
            scopes.append(.address(service, address))
        }
        return scopes + [.loop(service, loop)]
    }

    /// After how many failures in a row no more connections are made; 0 for never.
    ///
    /// Servers on loopback whose limits are not named are a lab's: there the number is high, so
    /// that each case of a lab is probed by itself.
    func failureLimit(_ limits: DestinationLimits) -> Int {
        let isLimited = limits.includesLoopback || !addresses.contains(where: \.isLoopback)
        guard !isLimited, limits.sharedFailures > 0 else { return limits.sharedFailures }
        return max(limits.sharedFailures, 50)
    }

    /// Where those count that wait for the same servers, or for servers of the same operator.
    var waitScopes: [Scope] {
        var scopes = addresses.map { Scope.address(service, $0) }
        guard service == .smtp else { return scopes }
        for address in addresses where !address.isLoopback {
            scopes.append(.network(service, address.network))
        }
        if let domain { scopes.append(.domain(domain)) }
        return scopes
    }
}

extension IPAddress {
    /// The first address of the IPv4 /24 or IPv6 /48 around this one.
    var network: IPAddress {
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
