public import DNS

/// How the fetch of a policy ended, by layer and reason (RFC 8461 §3.3).
public enum PolicyFetchStatus: String, Sendable, CaseIterable {
    case ok
    case dnsNXDomain = "dns_nxdomain"
    case dnsNoData = "dns_nodata"
    case dnsServfail = "dns_servfail"
    case dnsRefused = "dns_refused"
    case dnsTimeout = "dns_timeout"
    case dnsError = "dns_error"
    /// Every address is special-use (RFC 6890), or of a family that is not in use: nothing was
    /// contacted.
    case notContacted = "not_contacted"
    /// Excluded by the blocklist, by name or address: not contacted.
    case blocked
    case tcpRefused = "tcp_refused"
    case tcpTimeout = "tcp_timeout"
    case tcpReset = "tcp_reset"
    case tcpUnreachable = "tcp_unreachable"
    /// The peer ended the handshake with an alert; most often it has no certificate for the name.
    case tlsAlert = "tls_alert"
    case tlsTimeout = "tls_timeout"
    /// The peer closed or reset the connection during the handshake.
    case tlsClosed = "tls_closed"
    /// No common version or cipher, or bytes that are not TLS.
    case tlsProtocol = "tls_protocol"
    case tlsName = "tls_name"
    /// The name stands in the subject's CN only, which RFC 8461 §3.3 does not accept.
    case tlsCNOnly = "tls_cn_only"
    case tlsExpired = "tls_expired"
    case tlsNotYetValid = "tls_not_yet_valid"
    case tlsSelfSigned = "tls_self_signed"
    case tlsChainIncomplete = "tls_chain_incomplete"
    case tlsUntrusted = "tls_untrusted"
    /// Any other reason for which the certificate does not verify.
    case tlsInvalid = "tls_invalid"
    /// 3xx: RFC 8461 §3.3 forbids to follow it.
    case http3xx = "http_3xx"
    case http404 = "http_404"
    case http4xx = "http_4xx"
    case http5xx = "http_5xx"
    /// A final status that is neither 200 nor one of the above.
    case httpOther = "http_other"
    case httpTimeout = "http_timeout"
    /// The connection was closed or reset before the response was whole.
    case httpClosed = "http_closed"
    case httpProtocol = "http_protocol"
    /// More than 64 KiB (RFC 8461 §3.3), or more octets around them than are read.
    case tooLarge = "too_large"
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
    /// The Location of a redirect, as sent.
    public var location: [UInt8]?
    /// The body's bytes as far as they were read, whatever the status.
    public var body: [UInt8]?
    /// What the TLS handshake showed.
    public var tls: TLSObservation?
    /// The library's own words for a failure.
    public var error: String?
    /// Whether the failure was found by fetches for others at the same addresses, shortly before.
    public var isShared = false
    /// From the first packet to the last byte, in milliseconds.
    public var durationMS: Int
    /// When an earlier scan fetched it, seconds since 1970; nil where this scan did.
    public var fetchedEarlierAt: Int64?

    /// An observation of a fetch that has not been made.
    public init(host: DomainName, addresses: AddressLookup?, status: PolicyFetchStatus) {
        self.host = host
        self.addresses = addresses
        self.status = status
        self.durationMS = 0
    }
}
