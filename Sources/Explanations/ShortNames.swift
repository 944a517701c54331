public import Findings
public import Judgement
public import MTASTS
public import Observations

// What tables and charts call the values of vocabularies: a few words, where the sentences for
// owners of domains are too long. Most are the value's meaning without its rule; where the meaning
// states what is right, the words say what is wrong.

extension DocumentedValue {
    /// The meaning of the value without the rule in parentheses and without the full stop.
    public var meaningWithoutRule: String {
        var text = meaning[...]
        if text.hasSuffix(")."), let start = text.start(ofLast: " (RFC ") { text = text[..<start] }
        while text.hasSuffix(".") { text.removeLast() }
        return String(text)
    }
}

extension Substring {
    /// Where a text begins that occurs last.
    fileprivate func start(ofLast other: String) -> Index? {
        indices.last { self[$0...].hasPrefix(other) }
    }
}

extension VerdictReason {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .nullMX: "a null MX says so"
        case .nxdomain: "the domain does not exist"
        case .nodata: "neither MX nor address"
        case .junk: "no MX names a host"
        case .mxUnknown: "lookup of MX failed"
        case .mxUnreached: "no host was reached"
        case .daneTempfail: "lookup of TLSA failed"
        case .daneUnusable: "no TLSA record can be used"
        case .recordUnknown: "lookup of the MTA-STS record failed"
        case .noRecord: "no MTA-STS record"
        case .recordInvalid: "MTA-STS record not valid"
        case .policyFetchFailed: "policy cannot be fetched"
        case .policyNotFetched: "policy not fetched"
        case .policyInvalid: "policy not valid"
        case .modeNone: "mode none"
        case .modeTesting: "mode testing"
        case .enforced: "policy in mode enforce"
        case .dane: "DANE"
        case .mixed: "its hosts differ"
        }
    }
}

extension STSRecordStatus {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .absent: "no record"
        case .unrelated: "TXT records of other kinds only"
        case .ok: "valid"
        case .multiple: "several records"
        case .badVersion: "does not begin with v=STSv1;"
        case .missingID: "no id"
        case .badID: "id not of letters and digits"
        case .badExtension: "another field with signs not allowed"
        case .badField: "not made of name=value;"
        case .nonASCII: "signs outside ASCII"
        case .servfail, .refused, .timeout, .unreachable, .dnsError: meaningWithoutRule
        }
    }
}

extension PolicyFetchStatus {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .ok: "fetched"
        case .notFetched: "not fetched"
        case .dnsNXDomain: "policy host does not exist"
        case .dnsNoData: "policy host without an address"
        case .dnsServfail: "lookup of the policy host: SERVFAIL"
        case .dnsRefused: "lookup of the policy host: REFUSED"
        case .dnsTimeout: "lookup of the policy host: no answer"
        case .dnsError: "lookup of the policy host failed"
        case .notContacted: "policy host was not to be contacted"
        case .blocked: "policy host on the blocklist"
        case .tcpRefused: "connection refused"
        case .tcpTimeout: "no answer to the connection"
        case .tcpReset: "connection reset"
        case .tcpUnreachable: "policy host cannot be reached"
        case .tlsAlert: "TLS ended by an alert"
        case .tlsTimeout: "TLS handshake too slow"
        case .tlsClosed: "closed during the TLS handshake"
        case .tlsProtocol: "no TLS in common"
        case .tlsOldVersion: "TLS 1.1 or older"
        case .tlsName: "certificate for other names"
        case .tlsCNOnly: "certificate with the name in the common name only"
        case .tlsExpired: "certificate expired"
        case .tlsNotYetValid: "certificate not valid yet"
        case .tlsSelfSigned: "certificate signed by itself"
        case .tlsChainIncomplete: "certificate sent without its intermediate one"
        case .tlsUntrusted: "certificate from an authority that is not trusted"
        case .tlsInvalid: "certificate against the rules"
        case .http3xx: "redirect"
        case .http404: "no policy there (404)"
        case .http4xx: "refused by the web server (4xx)"
        case .http5xx: "error of the web server (5xx)"
        case .httpOther: "other HTTP status"
        case .httpTimeout: "response too slow"
        case .httpClosed: "closed before the response"
        case .httpProtocol: "response is not HTTP"
        case .tooLarge: "larger than 64 KiB"
        }
    }
}

extension ProbeStatus {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .ok: "TLS negotiated"
        case .dnsNXDomain: "host does not exist"
        case .dnsNoData: "host without an address"
        case .dnsServfail: "lookup of addresses: SERVFAIL"
        case .dnsRefused: "lookup of addresses: REFUSED"
        case .dnsTimeout: "lookup of addresses: no answer"
        case .dnsError: "lookup of addresses failed"
        case .junkName: "name that no host can have"
        case .notContacted: "was not to be contacted"
        case .blocked: "on the blocklist"
        case .notProbed: "not probed"
        case .tcpRefused: "connection refused"
        case .tcpTimeout: "no answer to the connection"
        case .tcpReset: "connection reset"
        case .tcpUnreachable: "cannot be reached"
        case .greetingTimeout: "no greeting in time"
        case .greetingClosed: "closed without a greeting"
        case .greeting4xx: "greeting 4xx: not now"
        case .greeting5xx: "greeting 5xx: no service"
        case .notSMTP: "does not speak SMTP"
        case .ehlo4xx: "EHLO put off (4xx)"
        case .ehlo5xx: "EHLO refused (5xx)"
        case .ehloRejected: "EHLO refused"
        case .ehloTimeout: "no reply to EHLO in time"
        case .ehloClosed: "closed at EHLO"
        case .starttlsNotOffered: "no STARTTLS"
        case .starttlsStripped: "STARTTLS overwritten on the way"
        case .starttls2xx: "TLS after another reply than 220"
        case .starttls4xx: "STARTTLS put off (4xx)"
        case .starttls5xx: "STARTTLS refused (5xx)"
        case .starttlsTimeout: "no reply to STARTTLS in time"
        case .starttlsClosed: "closed at STARTTLS"
        case .tlsAlert: "TLS ended by an alert"
        case .tlsTimeout: "TLS handshake too slow"
        case .tlsClosed: "closed during the TLS handshake"
        case .tlsProtocol: "no TLS in common"
        case .tlsOldVersion: "TLS 1.1 or older"
        case .tlsEHLOTimeout: "no reply inside TLS in time"
        case .tlsEHLOClosed: "closed inside TLS"
        }
    }
}

extension TLSRPTStatus {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .absent: "no record"
        case .unrelated: "TXT records of other kinds only"
        case .ok: "valid"
        case .multiple: "several records"
        case .badVersion: "does not begin with v=TLSRPTv1;"
        case .missingRUA: "no address for reports (rua)"
        case .badRUA: "address for reports (rua) not valid"
        case .badExtension: "another field with signs not allowed"
        case .servfail, .refused, .timeout, .unreachable, .dnsError: meaningWithoutRule
        }
    }
}

extension PolicyStatus {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .ok: "valid"
        case .empty: "empty policy"
        case .html: "web page instead of a policy"
        case .jsonDraft: "JSON, as in early drafts"
        case .notText: "not UTF-8 text"
        case .missingVersion: "no version"
        case .badVersion: "version not STSv1"
        case .missingMode: "no mode"
        case .badMode: "unknown mode"
        case .modeReport: "mode report, of early drafts"
        case .missingMaxAge: "no max_age"
        case .badMaxAge: "max_age not a number"
        case .maxAgeRange: "max_age above a year"
        case .missingMX: "no mx"
        case .mxLeadingDot: "mx with a leading dot"
        case .mxTrailingDot: "mx with a trailing dot"
        case .mxEmail: "mx with a mail address"
        case .mxEmpty: "mx without a host"
        case .mxIP: "mx with an IP address"
        case .mxULabel: "mx with an international name"
        case .mxBadWildcard: "mx with a misplaced *"
        case .mxBad: "mx that is no host name"
        case .badLine: "line without key and colon"
        }
    }
}

extension NearMiss {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .historical: "names a former host"
        case .mtaSTSLabel: "names the policy host"
        case .otherTLD: "other top-level domain"
        case .extraLabels: "more or fewer labels"
        case .typo: "at most three letters differ"
        case .certificateOnly: "names the certificate, as in early drafts"
        case .other: "not similar"
        }
    }
}

extension CertificateStatus {
    /// What tables call it.
    public var shortName: String {
        CertificateError(rawValue: rawValue)?.label ?? "valid for its name"
    }
}

extension DomainDANEStatus {
    /// What tables call it.
    public var shortName: String {
        switch self {
        case .unknown: "not known"
        case .none: "signed zone, no TLSA"
        case .insecure: "zone not signed"
        case .hostOnly: "TLSA at hosts, MX not signed"
        case .ok: "protected by DANE"
        case .partial: "at some hosts only"
        case .failed: "TLSA not met"
        case .unusable: "no TLSA record can be used"
        case .tempfail: "lookups of TLSA failed"
        }
    }
}

extension FirstFailure {
    /// What tables call it: the part that fails, and how.
    public var shortName: String {
        switch self {
        case .mx(let status): "MX: " + lowered(status.meaningWithoutRule)
        case .record(let status): "record: " + lowered(status.shortName)
        case .policyFetch(let status): "policy: " + status.shortName
        case .policy(let status): "policy: " + status.shortName
        case .mxMatch: "the policy does not name a host"
        case .smtp(let status): "host: " + status.shortName
        case .certificate(let status): "host's certificate: " + status.shortName
        case .dane(.unusable): "DANE: no TLSA record can be used"
        case .dane(.tempfail): "DANE: lookup of TLSA failed"
        case .dane: "DANE: TLSA not met"
        }
    }

    private func lowered(_ text: String) -> String {
        let first = text.prefix { $0 != " " }
        // A code such as SERVFAIL stays as it is.
        let isWord = first.count == 1 || first.dropFirst().allSatisfy(\.isLowercase)
        return isWord ? text.prefix(1).lowercased() + text.dropFirst() : text
    }
}
