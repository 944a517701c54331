public import ConnectionLimits
public import DNS

/// An MX host that is to be probed.
public struct ProbeTarget {
    /// The name the certificate must hold.
    public var host: DomainName
    /// The name sent as SNI: the host's, or the TLSA base domain.
    public var serverName: DomainName
    /// The TLSA records to verify by besides.
    public var tlsa: [TLSARecord]
    /// Its addresses.
    public var addresses: [IPAddress]
    /// The registrable domain that the host is below.
    public var domain: String?

    /// A target of these facts.
    public init(
        _ host: DomainName, serverName: DomainName, tlsa: [TLSARecord], at addresses: [IPAddress],
        below domain: String?
    ) {
        self.host = host
        self.serverName = serverName
        self.tlsa = tlsa
        self.addresses = addresses
        self.domain = domain
    }

    /// Where a connection to one of its addresses goes, made by this loop.
    public func destination(at address: IPAddress, loop: Int) -> Destination {
        Destination(smtp: address, host: host, domain: domain, loop: loop)
    }
}
