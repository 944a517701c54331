public import DNS

// Transient failures: each is retried before it is reported.

extension LookupStatus {
    /// Whether the same question may well be answered a little later.
    public var isTransient: Bool {
        switch self {
        case .servfail, .refused, .timeout, .unreachable, .malformed: true
        case .found, .nodata, .nxdomain, .rcode, .aliasLoop: false
        }
    }
}

extension PolicyFetchStatus {
    /// Whether the same fetch may well end otherwise a little later.
    public var isTransient: Bool {
        switch self {
        case .dnsServfail, .dnsRefused, .dnsTimeout, .tcpRefused, .tcpTimeout, .tcpReset,
            .tcpUnreachable, .tlsTimeout, .tlsClosed, .http5xx, .httpTimeout, .httpClosed:
            true
        default: false
        }
    }
}

extension PolicyFetchStatus {
    /// Whether it is retried that ended so in the last of so many attempts.
    public func isTransient(afterRounds rounds: Int) -> Bool {
        self == .tcpTimeout ? rounds < silentRoundsMax : isTransient
    }
}

extension ProbeStatus {
    /// Whether the same probe may have another result a little later.
    ///
    /// RFC 5321 §4.2.1: a 4xx reply is about a transient state; so is a connection that fails or
    /// ends before TLS shows what is wrong.
    public var isTransient: Bool {
        switch self {
        case .dnsServfail, .dnsRefused, .dnsTimeout, .tcpRefused, .tcpTimeout, .tcpReset,
            .tcpUnreachable, .greetingTimeout, .greetingClosed, .greeting4xx, .ehlo4xx,
            .ehloTimeout, .ehloClosed, .starttls4xx, .starttlsTimeout, .starttlsClosed,
            .tlsTimeout, .tlsClosed, .tlsEHLOTimeout, .tlsEHLOClosed:
            true
        default: false
        }
    }
}

/// How many attempts an address that does not answer gets: in each, TCP itself has sent four SYNs,
/// at 0, 1, 3 and 7 seconds (RFC 6298 §5); most hosts that are silent for so long never answer.
private let silentRoundsMax = 2

extension HostObservation {
    /// Whether the probe or the TLSA lookup failed transiently, or another address than that which
    /// counts did where that is not good.
    public var isTransient: Bool { tlsa?.status.isTransient == true || areSessionsTransient }

    /// The same of the probe alone.
    public var areSessionsTransient: Bool {
        guard !mayImprove else { return true }
        return status == .tcpTimeout ? rounds < silentRoundsMax : status.isTransient
    }
}

extension DomainObservation {
    /// Whether something of the domain itself, its hosts apart, failed transiently.
    public var isTransient: Bool {
        mx.status.isTransient || record.status.isTransient || tlsrpt.status.isTransient
            || addresses?.decisive.status.isTransient == true || isPolicyTransient
    }

    private var isPolicyTransient: Bool {
        policyFetchStatus?.isTransient(afterRounds: rounds) == true
    }
}
