public import DNS
public import Findings

/// How the fetch of a policy ended, by layer and reason (RFC 8461 §3.3).
public enum PolicyFetchStatus: String, DocumentedValue {
    case ok
    case dnsNXDomain = "dns_nxdomain"
    case dnsNoData = "dns_nodata"
    case dnsServfail = "dns_servfail"
    case dnsRefused = "dns_refused"
    case dnsTimeout = "dns_timeout"
    case dnsError = "dns_error"
    case notContacted = "not_contacted"
    case blocked
    case notFetched = "not_fetched"
    case tcpRefused = "tcp_refused"
    case tcpTimeout = "tcp_timeout"
    case tcpReset = "tcp_reset"
    case tcpUnreachable = "tcp_unreachable"
    case tlsAlert = "tls_alert"
    case tlsTimeout = "tls_timeout"
    case tlsClosed = "tls_closed"
    case tlsProtocol = "tls_protocol"
    case tlsOldVersion = "tls_old_version"
    case tlsName = "tls_name"
    case tlsCNOnly = "tls_cn_only"
    case tlsExpired = "tls_expired"
    case tlsNotYetValid = "tls_not_yet_valid"
    case tlsSelfSigned = "tls_self_signed"
    case tlsChainIncomplete = "tls_chain_incomplete"
    case tlsUntrusted = "tls_untrusted"
    case tlsInvalid = "tls_invalid"
    case http3xx = "http_3xx"
    case http404 = "http_404"
    case http4xx = "http_4xx"
    case http5xx = "http_5xx"
    case httpOther = "http_other"
    case httpTimeout = "http_timeout"
    case httpClosed = "http_closed"
    case httpProtocol = "http_protocol"
    case tooLarge = "too_large"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .ok: "The policy was served with status 200 (RFC 8461 §3.3)."
        case .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError:
            dnsMeaning
        case .notContacted:
            "Special-use, of a family not in use, or no turn in time (RFC 6890 §2.2.2)."
        case .blocked: "Excluded by the blocklist, by name or address: not contacted."
        case .notFetched: "Not asked for, by --fetch none; 'fetch' and 'judge' do the rest."
        case .tcpRefused: "The connection was refused (RFC 9293 §3.10.7)."
        case .tcpTimeout: "The connection was not made in time (RFC 8461 §3.3)."
        case .tcpReset: "The connection was reset (RFC 9293 §3.10.7)."
        case .tcpUnreachable: "The network or the host cannot be reached (RFC 1122 §3.2.2.1)."
        case .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol, .tlsOldVersion: handshakeMeaning
        case .tlsName, .tlsCNOnly, .tlsExpired, .tlsNotYetValid, .tlsSelfSigned,
            .tlsChainIncomplete, .tlsUntrusted, .tlsInvalid:
            certificateMeaning
        case .http3xx, .http404, .http4xx, .http5xx, .httpOther, .httpTimeout, .httpClosed,
            .httpProtocol, .tooLarge:
            httpMeaning
        }
    }

    private var dnsMeaning: String {
        switch self {
        case .dnsNXDomain: "The policy host does not exist (RFC 2308 §2.1)."
        case .dnsNoData: "The policy host has neither A nor AAAA (RFC 2308 §2.2)."
        case .dnsServfail: "SERVFAIL for the policy host (RFC 1035 §4.1.1)."
        case .dnsRefused: "REFUSED for the policy host (RFC 1035 §4.1.1)."
        case .dnsTimeout: "No answer in time for the policy host."
        default: "The lookups of the policy host failed otherwise (RFC 1035 §4.1.1)."
        }
    }

    private var handshakeMeaning: String {
        switch self {
        case .tlsAlert: "The peer ended the handshake with an alert (RFC 8446 §6.2)."
        case .tlsTimeout: "The handshake did not end in time (RFC 8461 §3.3)."
        case .tlsClosed: "The peer closed during the handshake (RFC 8446 §6.1)."
        case .tlsOldVersion: "TLS 1.1 or older, by its hello or alert (RFC 8996, RFC 8446 §6.2)."
        default: "No common cipher or group, or octets that are not TLS (RFC 8461 §7.2)."
        }
    }

    private var certificateMeaning: String {
        switch self {
        case .tlsName: "No DNS-ID of the certificate matches the policy host (RFC 8461 §3.3)."
        case .tlsCNOnly: "The policy host stands in the subject's CN only (RFC 8461 §3.3)."
        case .tlsExpired: "The certificate has expired (RFC 8461 §3.3)."
        case .tlsNotYetValid: "The certificate is not yet valid (RFC 5280 §6.1.3)."
        case .tlsSelfSigned: "The certificate is signed by itself (RFC 8461 §3.3)."
        case .tlsChainIncomplete: "The leaf came alone, its issuer is unknown (RFC 8446 §4.4.2)."
        case .tlsUntrusted: "The chain ends at no trusted authority (RFC 8461 §3.3)."
        default: "The certificate does not verify for another reason (RFC 5280 §6.1)."
        }
    }

    private var httpMeaning: String {
        switch self {
        case .http3xx: "A redirect, which must not be followed (RFC 8461 §3.3)."
        case .http404: "There is no policy at the URL (RFC 8461 §3.3)."
        case .http4xx: "Another 4xx status (RFC 8461 §3.3)."
        case .http5xx: "A 5xx status (RFC 8461 §3.3)."
        case .httpOther: "Another final status than 200 (RFC 8461 §3.3)."
        case .httpTimeout: "The response was not whole in time (RFC 8461 §3.3)."
        case .httpClosed: "The connection ended before the response (RFC 9112 §8)."
        case .httpProtocol: "The response is not HTTP, or breaks its rules (RFC 9112 §2.2)."
        default: "The body is larger than 64 KiB, or its transfer far larger (RFC 8461 §3.3)."
        }
    }
}

/// What was seen when the policy was fetched.
public struct PolicyObservation: Sendable {
    /// The policy host, `mta-sts.` and the policy domain.
    public var host: DomainName
    /// The lookups of the policy host; nil for a name that the blocklist excludes.
    public var addresses: AddressLookup?
    /// How the fetch ended.
    public var status: PolicyFetchStatus
    /// The address that the connection was made to.
    public var address: IPAddress?
    /// The status code of the response.
    public var httpStatus: Int?
    /// The Content-Type as sent.
    public var contentType: [UInt8]?
    /// The Content-Encoding as sent.
    public var contentEncoding: [UInt8]?
    /// Whether the coding could not be undone, so that the body is as it was sent.
    public var isBodyCoded = false
    /// The Location of a redirect, as sent.
    public var location: [UInt8]?
    /// The body's bytes as far as they were read, whatever the status.
    public var body: [UInt8]?
    /// What the TLS handshake showed.
    public var tls: TLSObservation?
    /// The library's message for a failure.
    public var error: String?
    /// Whether the failure was found by fetches for others at the same addresses, shortly before.
    public var isShared = false
    /// From the first packet to the last byte, in milliseconds.
    public var durationMS: Int
    /// When an earlier scan fetched it, seconds since 1970; nil where this scan did.
    public var fetchedEarlierAt: Int64?
    /// When the fetch began, seconds since 1970, where it was not with the scan of the domain; nil
    /// where it was.
    public var fetchedAt: Int64?

    /// An observation of a fetch that has not been made.
    public init(host: DomainName, addresses: AddressLookup?, status: PolicyFetchStatus) {
        self.host = host
        self.addresses = addresses
        self.status = status
        self.durationMS = 0
    }
}
