public import ConnectionLimits
public import DNS
public import Metrics
internal import Observations

/// An MX host that is to be probed.
public struct ProbeTarget {
    /// The name the certificate must hold, and that is sent as SNI.
    public var host: DomainName
    /// The name sent as SNI where the TLSA records are verified by; nil without such records.
    public var tlsaBase: DomainName?
    /// The TLSA records to verify by besides.
    public var tlsa: [TLSARecord]
    /// Its addresses, each once, IPv4 first, in the order in which they are tried.
    public var addresses: [IPAddress]
    /// The registrable domain that the host is below.
    public var domain: String?

    /// A target of these facts.
    public init(
        _ host: DomainName, tlsaBase: DomainName? = nil, tlsa: [TLSARecord] = [],
        at addresses: [IPAddress], below domain: String?
    ) {
        self.host = host
        self.tlsaBase = tlsaBase
        self.tlsa = tlsa
        self.addresses = addresses
        self.domain = domain
    }

    /// What each session with an address is to show: one session where the names are the same,
    /// else one for senders under DANE and one for the others.
    var questions: [TLSQuestion] {
        guard let tlsaBase, !tlsa.isEmpty else { return [TLSQuestion(name: host)] }
        guard tlsaBase != host else { return [TLSQuestion(name: host, tlsa: tlsa)] }
        return [
            TLSQuestion(name: tlsaBase, tlsa: tlsa, isForDANEAlone: true), TLSQuestion(name: host),
        ]
    }

    /// Where a connection to one of its addresses goes, made by this loop.
    public func destination(at address: IPAddress, loop: Int) -> Destination {
        Destination(smtp: address, host: host, domain: domain, loop: loop)
    }
}

/// What a TLS session with a host is to show.
struct TLSQuestion {
    /// The name sent as SNI.
    let name: DomainName
    /// The TLSA records to verify by besides.
    var tlsa: [TLSARecord] = []
    /// Whether no other sender than one under DANE asks so.
    var isForDANEAlone = false

    /// Whether the session leaves senders no reason to try another address.
    func isAnswered(by session: SessionObservation) -> Bool {
        guard session.serverName == name, session.status == .ok, let tls = session.tls else {
            return false
        }
        let isVerified = isForDANEAlone || tls.certificate?.errors.isEmpty == true
        return isVerified && tls.dane.map { $0.isMatch && $0.error == nil } ?? true
    }
}

/// How MX hosts are probed.
public struct ProbeOptions: Sendable {
    /// The port of MX hosts; other than 25 only in a lab.
    public var port: UInt16 = 25
    /// The name given in EHLO: it should resolve to the address that probes, and back.
    public var ehloName = ""
    /// How long a TCP connect may take, in milliseconds.
    public var connectTimeoutMilliseconds = 10_000
    /// How long each reply and the handshake may take, in milliseconds.
    public var replyTimeoutMilliseconds = 30_000
    /// How long a session may take in all, in milliseconds: tarpits answer a byte at a time.
    public var sessionTimeoutMilliseconds = 120_000
    /// How many sessions may be open at once on a loop at the most.
    ///
    /// At a second each, so many occupy more than a core with their handshakes.
    public var inFlightLimit = 2000
    /// How many sessions that wait for their peer for long may be open beside them on a loop.
    public var slowSessionLimit = 10_000
    /// From when a connect, or an answer, takes long, in milliseconds.
    public var slowMilliseconds = 250
    /// How long the answer to QUIT is waited for, in milliseconds.
    public var quitTimeoutMilliseconds = 2000
    /// Whether every address is probed, and not only those of each family up to one that is good.
    public var probesAllAddresses = false
    /// The most addresses of a host that are considered.
    public var addressLimit = 64
    /// How many addresses of a family are tried until one is good.
    public var addressesPerFamily = 3

    /// The defaults.
    public init() {}
}

/// How long the parts of sessions took, successful or not.
public struct ProbeTimes: Sendable {
    /// Until TCP stood, or failed.
    public var connect = Histogram()
    /// From the standing connection to the end of the session.
    public var session = Histogram()
}
