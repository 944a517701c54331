public import DNS
public import Findings

/// How the probe of an MX host, or of one of its addresses, ended.
public enum ProbeStatus: String, DocumentedValue {
    case ok
    case dnsNXDomain = "dns_nxdomain"
    case dnsNoData = "dns_nodata"
    case dnsServfail = "dns_servfail"
    case dnsRefused = "dns_refused"
    case dnsTimeout = "dns_timeout"
    case dnsError = "dns_error"
    case junkName = "junk_name"
    case notContacted = "not_contacted"
    case blocked
    case notProbed = "not_probed"
    case tcpRefused = "tcp_refused"
    case tcpTimeout = "tcp_timeout"
    case tcpReset = "tcp_reset"
    case tcpUnreachable = "tcp_unreachable"
    case greetingTimeout = "greeting_timeout"
    case greetingClosed = "greeting_closed"
    case greeting4xx = "greeting_4xx"
    case greeting5xx = "greeting_5xx"
    case notSMTP = "not_smtp"
    case ehloRejected = "ehlo_rejected"
    case ehloTimeout = "ehlo_timeout"
    case ehloClosed = "ehlo_closed"
    case starttlsNotOffered = "starttls_not_offered"
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

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .ok: "TLS was negotiated by STARTTLS (RFC 3207 §4)."
        case .junkName: "The MX name cannot be a host, so nothing was asked (RFC 5321 §5.1)."
        case .notContacted: "Special-use addresses only (RFC 6890 §2.2.2)."
        case .blocked: "Excluded by the blocklist, by name or address: not contacted."
        case .notProbed: "Not tried: another address answered, its turn did not come, or unasked."
        case .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError:
            dnsMeaning
        case .tcpRefused: "The connection was refused (RFC 9293 §3.10.7)."
        case .tcpTimeout: "The connection was not made in time (RFC 5321 §4.5.3.2)."
        case .tcpReset: "The connection was reset before a greeting (RFC 9293 §3.10.7)."
        case .tcpUnreachable: "The network or the host cannot be reached (RFC 1122 §3.2.2.1)."
        case .greetingTimeout, .greetingClosed, .greeting4xx, .greeting5xx, .notSMTP,
            .ehloRejected, .ehloTimeout, .ehloClosed:
            dialogueMeaning
        case .starttlsNotOffered, .starttlsStripped, .starttls4xx, .starttls5xx,
            .starttlsTimeout, .starttlsClosed, .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol:
            startTLSMeaning
        }
    }

    private var dnsMeaning: String {
        switch self {
        case .dnsNXDomain: "The host's name does not exist (RFC 2308 §2.1)."
        case .dnsNoData: "The host has neither A nor AAAA (RFC 5321 §5.1)."
        case .dnsServfail: "SERVFAIL for the host's addresses (RFC 1035 §4.1.1)."
        case .dnsRefused: "REFUSED for the host's addresses (RFC 1035 §4.1.1)."
        case .dnsTimeout: "No answer in time for the host's addresses."
        default: "The host's address lookups failed otherwise (RFC 1035 §4.1.1)."
        }
    }

    private var dialogueMeaning: String {
        switch self {
        case .greetingTimeout: "No whole greeting in time (RFC 5321 §4.5.3.2.1)."
        case .greetingClosed: "The peer closed without a greeting (RFC 5321 §3.1)."
        case .greeting4xx: "A 4xx greeting: not now, or not for us (RFC 5321 §4.2.1)."
        case .greeting5xx: "A 5xx greeting: no service, or not for us (RFC 5321 §3.1)."
        case .notSMTP: "Octets that are no SMTP reply, or too many (RFC 5321 §4.2)."
        case .ehloRejected: "EHLO was rejected, so no extension is known (RFC 5321 §4.1.4)."
        case .ehloTimeout: "No whole reply to EHLO in time (RFC 5321 §4.5.3.2)."
        default: "The peer closed in place of a reply to EHLO (RFC 5321 §3.8)."
        }
    }

    private var startTLSMeaning: String {
        switch self {
        case .starttlsNotOffered: "The EHLO reply does not offer STARTTLS (RFC 3207 §2)."
        case .starttlsStripped: "The offer is overwritten with X on the way (RFC 3207 §6)."
        case .starttls4xx: "STARTTLS was put off by a 4xx reply (RFC 3207 §4)."
        case .starttls5xx: "STARTTLS was offered and refused by a 5xx reply (RFC 3207 §4)."
        case .starttlsTimeout: "No whole reply to STARTTLS in time (RFC 5321 §4.5.3.2)."
        case .starttlsClosed: "The peer closed in place of a reply to STARTTLS (RFC 3207 §4)."
        case .tlsAlert: "The peer ended the handshake with an alert (RFC 8446 §6.2)."
        case .tlsTimeout: "The handshake did not end in time."
        case .tlsClosed: "The peer closed during the handshake (RFC 8446 §6.1)."
        default: "No common version or cipher, or octets that are not TLS (RFC 8446 §6.2)."
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
    /// The TLSA lookup of `_25._tcp.` and the base domain; nil where it was not looked up because
    /// the addresses are not authenticated (RFC 7672 §2.2).
    public let tlsa: Lookup?
    /// The name whose TLSA records count: the end of the alias chain, or the host (RFC 7672
    /// §2.2.2).
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

    /// A host that the options of a scan exclude from probing.
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

    /// The session that `status` is about; nil where there was no address.
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
    /// The system's or library's message for a failure.
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

extension HostObservation {
    /// The same host without what only its own record needs: texts, names of the certificate's
    /// parties, every session but the one that counts.
    ///
    /// What judging needs stays, so that a host shared by many domains can be kept in memory for
    /// the whole scan.
    public var forJudging: HostObservation {
        HostObservation(
            name: name, addresses: addresses, tlsa: tlsa, tlsaBase: tlsaBase, status: status,
            sessions: session.map { [$0.forJudging] } ?? [], observedAt: observedAt,
            durationMS: durationMS, rounds: rounds, number: number)
    }
}

extension SessionObservation {
    fileprivate var forJudging: SessionObservation {
        var session = SessionObservation(address: address, status: status)
        session.tls = tls
        // Without a dNSName, senders that are not strict look at the subject's CN.
        if session.tls?.certificate?.names.isEmpty == false {
            session.tls?.certificate?.subject = ""
        }
        session.tls?.certificate?.issuer = ""
        session.tls?.certificate?.sha256 = ""
        session.tls?.certificate?.spkiSHA256 = ""
        return session
    }
}

/// How a fact about a host is known.
public enum Observed: String, DocumentedValue {
    /// By a session of its own.
    case direct
    /// By sessions with others at the same addresses.
    case shared

    /// What the word says.
    public var meaning: String {
        switch self {
        case .direct: "By a session with the host itself."
        case .shared: "By sessions with others at the same addresses, shortly before."
        }
    }
}
