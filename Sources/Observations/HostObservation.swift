public import DNS
public import Findings
public import SMTP

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
    case ehlo4xx = "ehlo_4xx"
    case ehlo5xx = "ehlo_5xx"
    case ehloRejected = "ehlo_rejected"
    case ehloTimeout = "ehlo_timeout"
    case ehloClosed = "ehlo_closed"
    case starttlsNotOffered = "starttls_not_offered"
    case starttlsStripped = "starttls_stripped"
    case starttls2xx = "starttls_2xx"
    case starttls4xx = "starttls_4xx"
    case starttls5xx = "starttls_5xx"
    case starttlsTimeout = "starttls_timeout"
    case starttlsClosed = "starttls_closed"
    case tlsAlert = "tls_alert"
    case tlsTimeout = "tls_timeout"
    case tlsClosed = "tls_closed"
    case tlsProtocol = "tls_protocol"
    case tlsOldVersion = "tls_old_version"
    case tlsEHLOTimeout = "tls_ehlo_timeout"
    case tlsEHLOClosed = "tls_ehlo_closed"

    /// Whether the host has shown its TLS, or that it has none; a refusal of this client, or of the
    /// moment, shows neither.
    public var isReached: Bool {
        switch self {
        case .ok, .starttlsNotOffered, .starttlsStripped, .starttls2xx, .starttls5xx, .tlsAlert,
            .tlsClosed, .tlsProtocol, .tlsOldVersion:
            true
        default: false
        }
    }

    /// Whether something was tried, with whatever result.
    var isTried: Bool {
        switch self {
        case .blocked, .notContacted, .notProbed: false
        default: true
        }
    }

    /// Whether the peer has spoken, and may speak otherwise a little later.
    var isTransientAnswer: Bool {
        switch self {
        case .tcpRefused, .tcpTimeout, .tcpReset, .tcpUnreachable: false
        default: isTransient
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
        case .greetingTimeout, .greetingClosed, .greeting4xx, .greeting5xx, .notSMTP, .ehlo4xx,
            .ehlo5xx, .ehloRejected, .ehloTimeout, .ehloClosed:
            dialogueMeaning
        case .starttlsNotOffered, .starttlsStripped, .starttls2xx, .starttls4xx, .starttls5xx,
            .starttlsTimeout, .starttlsClosed:
            startTLSMeaning
        case .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol, .tlsOldVersion, .tlsEHLOTimeout,
            .tlsEHLOClosed:
            handshakeMeaning
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
        case .ehlo4xx: "A 4xx reply to EHLO: not now, or not for us (RFC 5321 §4.2.1)."
        case .ehlo5xx: "EHLO is known to the server and refused to us (RFC 5321 §4.1.4)."
        case .ehloRejected:
            "Of earlier programs: EHLO was refused, the code is not known (RFC 5321 §4.1.4)."
        case .ehloTimeout: "No whole reply to EHLO in time (RFC 5321 §4.5.3.2)."
        default: "The peer closed in place of a reply to EHLO (RFC 5321 §3.8)."
        }
    }

    private var startTLSMeaning: String {
        switch self {
        case .starttlsNotOffered:
            "No STARTTLS in the EHLO reply, or EHLO is not known: 500, 501, 502 (RFC 3207 §2)."
        case .starttlsStripped: "The offer is overwritten with X on the way (RFC 3207 §6)."
        case .starttls2xx: "TLS after another 2xx than 220, which senders may take (RFC 3207 §4)."
        case .starttls4xx: "STARTTLS was put off by a 4xx reply (RFC 3207 §4)."
        case .starttls5xx: "STARTTLS was offered and refused by a 5xx reply (RFC 3207 §4)."
        case .starttlsTimeout: "No whole reply to STARTTLS in time (RFC 5321 §4.5.3.2)."
        default: "The peer closed in place of a reply to STARTTLS (RFC 3207 §4)."
        }
    }

    private var handshakeMeaning: String {
        switch self {
        case .tlsAlert: "The peer ended TLS by an alert, in or after the handshake (RFC 8446 §6.2)."
        case .tlsTimeout: "The handshake did not end in time."
        case .tlsClosed: "The peer closed during the handshake (RFC 8446 §6.1)."
        case .tlsOldVersion: "TLS 1.1 or older, by its hello or alert (RFC 8996, RFC 8446 §6.2)."
        case .tlsEHLOTimeout: "EHLO inside TLS was not answered in time (RFC 5321 §4.5.3.2)."
        case .tlsEHLOClosed: "The peer closed in place of a reply to EHLO inside TLS."
        default: "No common cipher or group, or octets that are not TLS (RFC 8446 §6.2)."
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
    /// How the probe ended: that of ``session``.
    public let status: ProbeStatus
    /// The sessions, by address, IPv4 first: one for each address, and where the TLSA base domain
    /// is another name than the host's, one for each of the two.
    public let sessions: [SessionObservation]
    /// The session that counts for a sender that asks for the host by its name.
    private let place: Int?
    /// The session that counts for a sender that verifies by TLSA records.
    private let placeByDANE: Int?
    /// When the probe began, seconds since 1970.
    public let observedAt: Int64
    /// How long it took, in milliseconds.
    public let durationMS: Int
    /// How many attempts it took: 1, and one more for each retry of a transient failure.
    public let rounds: Int
    /// The number by which domain records refer to this observation of the host, from 1; 0 where it
    /// has no record.
    public let number: Int

    /// An observation of these facts; `status` is that of a host without a session.
    public init(
        name: DomainName, addresses: AddressLookup?, tlsa: Lookup?, tlsaBase: DomainName?,
        status: ProbeStatus, sessions: [SessionObservation], observedAt: Int64, durationMS: Int,
        rounds: Int = 1, number: Int = 0
    ) {
        self.name = name
        self.addresses = addresses
        self.tlsa = tlsa
        self.tlsaBase = tlsaBase
        self.sessions = sessions
        place = sessions.decisive { $0.isNamed(name) ? $0.result : nil }
        placeByDANE = sessions.decisive { $0.isNamed(tlsaBase ?? name) ? $0.resultByDANE : nil }
        self.status = place.map { sessions[$0].status } ?? status
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

    /// The session that decides for a sender that asks for the host by its own name: the best of
    /// all addresses, since senders try one after the other (RFC 5321 §5.1), and of equal ones the
    /// first; nil where there was no address.
    public var session: SessionObservation? { place.map { sessions[$0] } }

    /// The same for a sender that verifies by TLSA records, and asks for their base domain (RFC
    /// 7672 §8.1).
    public var sessionByDANE: SessionObservation? { placeByDANE.map { sessions[$0] } }

    /// The place of the session that decides, in `sessions`.
    package func decisive(byDANE: Bool) -> Int? { byDANE ? placeByDANE : place }

    /// The places of the sessions that fail where that which decides is good.
    package func failing(byDANE: Bool) -> [Int] {
        guard sessions.count > 1, let best = decisive(byDANE: byDANE), isGood(byDANE: byDANE)
        else { return [] }
        let asked = byDANE ? tlsaBase ?? name : name
        return sessions.indices.filter { index in
            index != best && sessions[index].status.isReached && sessions[index].isNamed(asked)
                && (byDANE ? sessions[index].resultByDANE : sessions[index].result) != .good
        }
    }

    /// Whether the session that decides is as good as can be.
    func isGood(byDANE: Bool) -> Bool {
        guard let place = decisive(byDANE: byDANE) else { return false }
        return (byDANE ? sessions[place].resultByDANE : sessions[place].result) == .good
    }

    /// Whether senders by either mechanism may find another address better a little later.
    var mayImprove: Bool {
        let isBest = isGood(byDANE: false) && (tlsa?.status != .found || isGood(byDANE: true))
        return !isBest && sessions.contains { $0.status.isTransientAnswer }
    }
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
    /// The name that the ClientHello bore; nil where there was none, where the session was another
    /// host's, and in records of earlier programs.
    public var serverName: DomainName?
    /// What the server said at each step.
    public var replies = Replies()
    /// How its replies differ from the grammar, in the order of the vocabulary.
    public var deviations: [ReplyDeviation] = []
    /// The lines of the EHLO reply before TLS, as sent, without code.
    public var extensions: [[UInt8]]
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

    /// Whether the reply to EHLO inside TLS offers REQUIRETLS (RFC 8689 §2); nil where there is no
    /// such reply.
    public var offersREQUIRETLS: Bool? {
        guard replies.secureEHLO?.code.map({ $0 / 100 == 2 }) ?? !tlsExtensions.isEmpty else {
            return nil
        }
        return Extensions(lines: tlsExtensions).offersREQUIRETLS
    }
}

/// What a session is worth to a sender, compared with others of the same host.
package enum SessionResult: Int, Comparable, Sendable {
    case notProbed, notContacted, blocked
    /// The address says nothing of TLS.
    case unreached
    /// It has no TLS, or none that comes about.
    case withoutTLS
    /// It has TLS and does not verify.
    case unverified
    case good

    /// The result of a session that ended so; `isVerified` counts where TLS was negotiated.
    package init(_ status: ProbeStatus, isVerified: Bool) {
        switch status {
        case .notProbed: self = .notProbed
        case .notContacted: self = .notContacted
        case .blocked: self = .blocked
        case .ok: self = isVerified ? .good : .unverified
        default: self = status.isReached ? .withoutTLS : .unreached
        }
    }

    package static func < (one: SessionResult, other: SessionResult) -> Bool {
        one.rawValue < other.rawValue
    }
}

extension SessionObservation {
    /// The result for a sender that verifies by PKIX.
    var result: SessionResult {
        SessionResult(status, isVerified: tls?.certificate?.errors.isEmpty == true)
    }

    /// The result for a sender that verifies by TLSA records; names are for the judge.
    var resultByDANE: SessionResult {
        SessionResult(
            status, isVerified: tls?.dane.map { $0.isMatch && $0.error == nil } == true)
    }

    /// Whether the session says what a client that asks for `name` sees.
    func isNamed(_ name: DomainName) -> Bool { serverName.map { $0 == name } ?? true }
}

extension Sequence {
    /// The first place of the best result, of those sessions that have one.
    package func decisive(by result: (Element) -> SessionResult?) -> Int? {
        var best: (place: Int, result: SessionResult)?
        for (place, session) in enumerated() {
            guard let result = result(session) else { continue }
            if let best, best.result >= result { continue }
            best = (place, result)
        }
        return best?.place
    }
}

extension HostObservation {
    /// The same host without what only its own record needs: texts, names of the certificate's
    /// parties, every session but those that count or are findings.
    ///
    /// What judging needs stays, so that a host shared by many domains can be kept in memory for
    /// the whole scan.
    public var forJudging: HostObservation {
        let counting = [place, placeByDANE].compactMap(\.self)
        let failing = failing(byDANE: false) + failing(byDANE: true)
        let kept = sessions.indices.filter { counting.contains($0) || failing.contains($0) }
        return HostObservation(
            name: name, addresses: addresses, tlsa: tlsa, tlsaBase: tlsaBase, status: status,
            sessions: kept.map { sessions[$0].forJudging(isDecisive: counting.contains($0)) },
            observedAt: observedAt, durationMS: durationMS, rounds: rounds, number: number)
    }
}

extension SessionObservation {
    fileprivate func forJudging(isDecisive: Bool) -> SessionObservation {
        var session = SessionObservation(address: address, status: status)
        session.serverName = serverName
        session.deviations = isDecisive ? deviations : []
        session.tls = tls
        // Without a dNSName, senders that are not strict look at the subject's CN.
        if !isDecisive || session.tls?.certificate?.names.isEmpty == false {
            session.tls?.certificate?.subject = ""
        }
        if !isDecisive { session.tls?.certificate?.names = [] }
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
