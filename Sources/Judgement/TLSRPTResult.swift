internal import DNS
public import Findings
internal import MTASTS
internal import Observations

/// A result type of RFC 8460 §4.3: how a sender names a failure in its reports.
public enum TLSRPTResult: String, DocumentedValue {
    case starttlsNotSupported = "starttls-not-supported"
    case certificateHostMismatch = "certificate-host-mismatch"
    case certificateExpired = "certificate-expired"
    case certificateNotTrusted = "certificate-not-trusted"
    case validationFailure = "validation-failure"
    case tlsaInvalid = "tlsa-invalid"
    case dnssecInvalid = "dnssec-invalid"
    case daneRequired = "dane-required"
    case stsPolicyFetchError = "sts-policy-fetch-error"
    case stsPolicyInvalid = "sts-policy-invalid"
    case stsWebPKIInvalid = "sts-webpki-invalid"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .starttlsNotSupported: "The host does not support STARTTLS (RFC 8460 §4.3.1)."
        case .certificateHostMismatch: "The certificate is for other names (RFC 8460 §4.3.1)."
        case .certificateExpired: "The certificate has expired (RFC 8460 §4.3.1)."
        case .certificateNotTrusted:
            "The certificate does not verify for another reason (RFC 8460 §4.3.1)."
        case .validationFailure: "Any other failure, mx patterns among them (RFC 8460 §4.3.3)."
        case .tlsaInvalid: "No TLSA record can be used or is met (RFC 8460 §4.3.2.1)."
        case .dnssecInvalid: "SERVFAIL for the TLSA records (RFC 8460 §4.3.2.1)."
        case .daneRequired:
            "The sender requires DANE, and there is none: never reported here (RFC 8460 §4.3.2.1)."
        case .stsPolicyFetchError: "The policy could not be fetched (RFC 8460 §4.3.2.2)."
        case .stsPolicyInvalid: "The policy is not valid (RFC 8460 §4.3.2.2)."
        case .stsWebPKIInvalid:
            "The certificate of the policy host does not verify (RFC 8460 §4.3.2.2)."
        }
    }
}

extension Judgement {
    /// The first result that a sender would report, in the order it goes; nil where there is none.
    ///
    /// RFC 8460 has no result for a record that is absent or void: to a sender there is no policy.
    public var tlsrptResult: TLSRPTResult? {
        // RFC 8461 §3.1: to a sender, a record that is not valid means no policy.
        if mxStatus.hasHosts, record == .ok {
            if let result = policyFetch?.tlsrptResult { return result }
            if let result = policyStatus?.tlsrptResult { return result }
        }
        // Hosts are large, so they are read in place.
        for place in hosts.indices where hosts[place].isForbidden { return .validationFailure }
        for place in hosts.indices {
            if let result = hosts[place].tlsrptResult { return result }
        }
        return nil
    }
}

extension HostJudgement {
    /// The result that a sender would report for the host; nil where no check of a sender failed.
    @inline(__always)
    func result(of seen: HostObservation?) -> TLSRPTResult? {
        // RFC 8460 §4.3.2.1: SERVFAIL for TLSA; §4.3.4: a timeout need not be reported.
        if isDANEInForce, dane == .tempfail {
            return seen?.tlsa?.status == .servfail ? .dnssecInvalid : nil
        }
        // RFC 8460 §4.3.3: no result type is about the patterns, so the general one is used.
        if isForbidden { return .validationFailure }
        guard status == .ok else { return status.tlsrptResult }
        guard !isDANEInForce else {
            guard dane == .failed, let match = seen?.sessionByDANE?.tls?.dane, match.isMatch
            else {
                return dane.tlsrptResult
            }
            // RFC 8460 §4.3.1: a record has matched, and the certificate is not good enough for
            // it, or is for other names.
            return match.error.map { CertificateStatus([$0]) }?.tlsrptResult
                ?? .certificateHostMismatch
        }
        // Without a policy no sender looks at the certificate.
        let result = policyMatch == nil ? nil : certificate?.tlsrptResult
        return result ?? (isDANELeftToPolicy ? dane.tlsrptResult : nil)
    }
}

extension PolicyFetchStatus {
    /// RFC 8460 §4.3.2.2.
    var tlsrptResult: TLSRPTResult? {
        switch self {
        case .ok, .notContacted, .blocked, .notFetched: nil
        case .tlsName, .tlsCNOnly, .tlsExpired, .tlsNotYetValid, .tlsSelfSigned,
            .tlsChainIncomplete, .tlsUntrusted, .tlsInvalid:
            .stsWebPKIInvalid
        case .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError,
            .tcpRefused, .tcpTimeout, .tcpReset, .tcpUnreachable, .tlsAlert, .tlsTimeout,
            .tlsClosed, .tlsProtocol, .tlsOldVersion, .http3xx, .http404, .http4xx, .http5xx,
            .httpOther,
            .httpTimeout, .httpClosed, .httpProtocol, .tooLarge:
            .stsPolicyFetchError
        }
    }
}

extension PolicyStatus {
    /// RFC 8460 §4.3.2.2.
    var tlsrptResult: TLSRPTResult? { self == .ok ? nil : .stsPolicyInvalid }
}

extension ProbeStatus {
    /// RFC 8460 §4.3.1.
    var tlsrptResult: TLSRPTResult? {
        switch self {
        case .starttlsNotOffered, .starttlsStripped, .starttls2xx, .starttls5xx:
            .starttlsNotSupported
        case .tlsAlert, .tlsClosed, .tlsProtocol, .tlsOldVersion: .validationFailure
        // RFC 8460 §4.3.4: what may pass, or is no matter of TLS, need not be reported.
        case .ok, .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError,
            .junkName, .notContacted, .blocked, .notProbed, .tcpRefused, .tcpTimeout,
            .tcpReset, .tcpUnreachable, .greetingTimeout, .greetingClosed, .greeting4xx,
            .greeting5xx, .notSMTP, .ehlo4xx, .ehlo5xx, .ehloRejected, .ehloTimeout, .ehloClosed,
            .starttls4xx, .starttlsTimeout, .starttlsClosed, .tlsTimeout, .tlsEHLOTimeout,
            .tlsEHLOClosed:
            nil
        }
    }
}

extension CertificateStatus {
    /// RFC 8460 §4.3.1.
    var tlsrptResult: TLSRPTResult? {
        switch self {
        case .ok: nil
        case .expired: .certificateExpired
        case .notYetValid, .selfSigned, .chainIncomplete, .untrusted, .invalid:
            .certificateNotTrusted
        case .nameMismatch, .cnOnly: .certificateHostMismatch
        }
    }
}

extension HostDANEStatus {
    /// RFC 8460 §4.3.2.1.
    var tlsrptResult: TLSRPTResult? {
        switch self {
        case .failed, .unusable: .tlsaInvalid
        case .tempfail: .dnssecInvalid
        case .ok, .none, .insecure, .unreached, .unknown, .notAsked: nil
        }
    }
}
