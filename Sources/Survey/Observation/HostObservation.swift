public import DNS

/// How the probe of an MX host, or of one of its addresses, ended.
public enum ProbeStatus: String, Sendable, CaseIterable {
    /// TLS was negotiated by STARTTLS; the status of its certificate is separate.
    case ok
    case dnsNXDomain = "dns_nxdomain"
    case dnsNoData = "dns_nodata"
    case dnsServfail = "dns_servfail"
    case dnsRefused = "dns_refused"
    case dnsTimeout = "dns_timeout"
    case dnsError = "dns_error"
    /// The MX name cannot be a host: `localhost`, an IP address, a single label.
    case junkName = "junk_name"
    /// Special-use address (RFC 6890): not contacted.
    case notContacted = "not_contacted"
    /// Excluded by the blocklist, by name or address: not contacted.
    case blocked
    /// Not tried: another address of the host answered, or probing was not asked for.
    case notProbed = "not_probed"
    case tcpRefused = "tcp_refused"
    case tcpTimeout = "tcp_timeout"
    case tcpReset = "tcp_reset"
    case tcpUnreachable = "tcp_unreachable"
    case greetingTimeout = "greeting_timeout"
    /// The peer closed the connection without a greeting.
    case greetingClosed = "greeting_closed"
    case greeting4xx = "greeting_4xx"
    case greeting5xx = "greeting_5xx"
    /// Bytes that are no SMTP reply, or more than the limits allow.
    case notSMTP = "not_smtp"
    case ehloRejected = "ehlo_rejected"
    case ehloTimeout = "ehlo_timeout"
    case ehloClosed = "ehlo_closed"
    case starttlsNotOffered = "starttls_not_offered"
    /// The EHLO reply holds a keyword overwritten with X: a middlebox takes STARTTLS away.
    case starttlsStripped = "starttls_stripped"
    case starttls4xx = "starttls_4xx"
    case starttls5xx = "starttls_5xx"
    case starttlsTimeout = "starttls_timeout"
    case starttlsClosed = "starttls_closed"
    case tlsAlert = "tls_alert"
    case tlsTimeout = "tls_timeout"
    case tlsClosed = "tls_closed"
    case tlsProtocol = "tls_protocol"

    /// Whether the host spoke SMTP: only then does its lack of TLS say something.
    public var isReached: Bool {
        switch self {
        case .ok, .ehloRejected, .starttlsNotOffered, .starttlsStripped, .starttls5xx, .tlsAlert,
            .tlsClosed, .tlsProtocol:
            true
        default: false
        }
    }
}

/// Everything seen at one MX host.
///
/// Shared by all domains that name it; no verdict in it.
public final class HostObservation: Sendable {
    /// The host's name as MX records have it.
    public let name: DomainName
    /// A and AAAA of the host; nil for a junk name, and for one that the blocklist excludes.
    public let addresses: AddressLookup?
    /// The TLSA lookup of `_25._tcp.` and the base domain; nil where it was not asked because the
    /// addresses are not authenticated (RFC 7672 §2.2).
    public let tlsa: Lookup?
    /// The name whose TLSA records count: the end of the alias chain, or the host (RFC 7672 §2.2.2).
    public let tlsaBase: DomainName?
    /// How the probe ended, that of the first address that answered or else the first tried.
    public let status: ProbeStatus
    /// One entry for each address, IPv4 first.
    public let sessions: [SessionObservation]
    /// When the probe began, seconds since 1970.
    public let observedAt: Int64
    /// How long it took, in milliseconds.
    public let durationMS: Int
    /// How many attempts it took: 1, and one more for each retry of a transient failure.
    public let rounds: Int
    /// The number by which domain records refer to this observation of the host, from 1; 0 where it
    /// has no record.
    public let number: Int

    /// An observation of these facts.
    public init(
        name: DomainName, addresses: AddressLookup?, tlsa: Lookup?, tlsaBase: DomainName?,
        status: ProbeStatus, sessions: [SessionObservation], observedAt: Int64, durationMS: Int,
        rounds: Int = 1, number: Int = 0
    ) {
        self.name = name
        self.addresses = addresses
        self.tlsa = tlsa
        self.tlsaBase = tlsaBase
        self.status = status
        self.sessions = sessions
        self.observedAt = observedAt
        self.durationMS = durationMS
        self.rounds = rounds
        self.number = number
    }

    /// A host that the options of a scan leave alone.
    public static func notProbed(_ name: DomainName) -> HostObservation {
        HostObservation(
            name: name, addresses: nil, tlsa: nil, tlsaBase: nil, status: .notProbed, sessions: [],
            observedAt: 0, durationMS: 0)
    }

    /// The same observation with its number.
    public func numbered(_ number: Int) -> HostObservation {
        HostObservation(
            name: name, addresses: addresses, tlsa: tlsa, tlsaBase: tlsaBase, status: status,
            sessions: sessions, observedAt: observedAt, durationMS: durationMS, rounds: rounds,
            number: number)
    }

    /// The session that `status` speaks of; nil where no address was there.
    public var session: SessionObservation? { sessions.first { $0.status == status } }
}

/// One SMTP session with one address of an MX host.
public struct SessionObservation: Sendable {
    /// The address.
    public var address: IPAddress
    /// How the session ended.
    public var status: ProbeStatus
    /// How that is known; nil where nothing was tried.
    public var observed: Observed?
    /// The host whose session it was, where it was not that of the host itself.
    public var sharedFrom: DomainName?
    /// The greeting, its lines joined by LF, as sent.
    public var greeting: [UInt8]?
    /// The lines of the EHLO reply before TLS, as sent, without code.
    public var extensions: [[UInt8]]
    /// The reply to STARTTLS.
    public var starttlsReply: [UInt8]?
    /// Whether bytes came in clear text after the 220 to STARTTLS: an injection, or a broken peer.
    public var hasPlaintextAfterStartTLS: Bool
    /// The lines of the EHLO reply inside TLS.
    public var tlsExtensions: [[UInt8]]
    /// What the TLS handshake showed.
    public var tls: TLSObservation?
    /// The system's or library's words for a failure.
    public var error: String?
    /// From connect to close, in milliseconds.
    public var durationMS: Int

    /// A session that has not begun.
    public init(address: IPAddress, status: ProbeStatus = .notProbed) {
        self.address = address
        self.status = status
        extensions = []
        hasPlaintextAfterStartTLS = false
        tlsExtensions = []
        durationMS = 0
    }
}
