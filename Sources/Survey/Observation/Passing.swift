public import DNS

// What may go by of itself: such failures are asked about again before they are told.

extension LookupStatus {
    /// Whether the same question may well be answered a little later.
    public var isPassing: Bool {
        switch self {
        case .servfail, .refused, .timeout, .unreachable, .malformed: true
        case .found, .nodata, .nxdomain, .rcode, .aliasLoop: false
        }
    }
}

extension PolicyFetchStatus {
    /// Whether the same fetch may well end otherwise a little later.
    public var isPassing: Bool {
        switch self {
        case .dnsServfail, .dnsRefused, .dnsTimeout, .tcpRefused, .tcpTimeout, .tcpReset,
            .tcpUnreachable, .tlsTimeout, .tlsClosed, .http5xx, .httpTimeout, .httpClosed:
            true
        default: false
        }
    }
}

extension ProbeStatus {
    /// Whether the same probe may well end otherwise a little later.
    ///
    /// RFC 5321 §4.2.1: a 4xx reply tells of a passing state; so does a connection that fails or
    /// breaks off before TLS says what is wrong.
    public var isPassing: Bool {
        switch self {
        case .dnsServfail, .dnsRefused, .dnsTimeout, .tcpRefused, .tcpTimeout, .tcpReset,
            .tcpUnreachable, .greetingTimeout, .greetingClosed, .greeting4xx, .ehloTimeout,
            .ehloClosed, .starttls4xx, .starttlsTimeout, .starttlsClosed, .tlsTimeout, .tlsClosed:
            true
        default: false
        }
    }
}

extension HostObservation {
    /// Whether the probe or the TLSA lookup failed for a passing reason.
    public var isPassing: Bool { status.isPassing || tlsa?.status.isPassing == true }
}

extension DomainObservation {
    /// Whether something of the domain itself, its hosts apart, failed for a passing reason.
    public var isPassing: Bool {
        mx.status.isPassing || record.status.isPassing || tlsrpt.status.isPassing
            || addresses?.decisive.status.isPassing == true || policy?.status.isPassing == true
    }
}
