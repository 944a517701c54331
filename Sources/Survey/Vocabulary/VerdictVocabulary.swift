extension Verdict {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .protectedDANE: "Every host that gets mail is authenticated by DANE (RFC 7672 §2.2)."
        case .protectedSTS:
            "Every host that gets mail is authenticated, some by MTA-STS (RFC 8461 §5)."
        case .partial: "Some hosts get mail unauthenticated, others do not (RFC 8461 §5)."
        case .refused: "DANE or an enforced policy forbids every host tried (RFC 8461 §5)."
        case .testingOK: "Mode testing, and enforcing would protect (RFC 8461 §5)."
        case .testingWouldFail: "Mode testing, and enforcing would refuse a host (RFC 8461 §5)."
        case .opportunistic: "Nothing obliges a sender to authenticate (RFC 7435 §3)."
        case .noMail: "The domain takes no mail (RFC 5321 §5.1, RFC 7505 §3)."
        case .unknown: "The facts do not decide it."
        }
    }
}

extension VerdictReason {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .nullMX: "A null MX alone (RFC 7505 §3)."
        case .nxdomain: "The domain does not exist (RFC 5321 §5.1)."
        case .nodata: "The domain has neither MX nor address (RFC 5321 §5.1)."
        case .junk: "No MX names a host (RFC 5321 §5.1)."
        case .mxUnknown: "The lookups of where mail goes failed (RFC 5321 §5.1)."
        case .mxUnreached: "No host that mail may go to was reached, or none was to be probed."
        case .daneTempfail: "Every TLSA lookup that decides failed (RFC 7672 §2.1.1)."
        case .daneUnusable: "TLSA is there, and none of it can be used (RFC 7672 §2.2)."
        case .recordUnknown: "The lookup of the MTA-STS record failed (RFC 8461 §3.1)."
        case .noRecord: "There is no MTA-STS record (RFC 8461 §3.1)."
        case .recordInvalid: "A record that is not valid is no policy (RFC 8461 §3.1)."
        case .policyFetchFailed: "A policy that cannot be fetched is none (RFC 8461 §3.3)."
        case .policyInvalid: "A policy that is not valid is none (RFC 8461 §3.2)."
        case .modeNone: "The policy's mode is none (RFC 8461 §5)."
        case .modeTesting: "The policy's mode is testing (RFC 8461 §5)."
        case .enforced: "An enforced policy decides (RFC 8461 §5)."
        case .dane: "DANE decides (RFC 7672 §2.2)."
        case .mixed: "The hosts differ in what decides, or in the result (RFC 8461 §5)."
        }
    }
}

extension SurveyFinding.Layer {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .mx: "Where mail goes: a value of `mx_status` (RFC 5321 §5.1)."
        case .record: "The MTA-STS record: a value of `sts_record_status` (RFC 8461 §3.1)."
        case .policyFetch: "The fetch: a value of `policy_fetch_status` (RFC 8461 §3.3)."
        case .policy: "The policy's text: a value of `policy_status` (RFC 8461 §3.2)."
        case .tlsrpt: "The TLSRPT record: a value of `tlsrpt_status` (RFC 8460 §3)."
        case .mxMatch: "The patterns against the host: `near_miss` (RFC 8461 §4.1)."
        case .smtp: "The way to TLS at the host: a value of `mx[].status` (RFC 3207 §4)."
        case .certificate: "The host's certificate: `certificate_status` (RFC 8461 §4.2)."
        case .dane: "TLSA against the host: a value of `mx[].dane_status` (RFC 7672 §2.2)."
        }
    }
}

extension SurveyFinding.Severity {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .error: "Mail is refused for it, or a mechanism that the domain asks for is void."
        case .warning: "Nothing fails now; with a mechanism in force, or elsewhere, it would."
        case .note: "Nothing fails for it."
        }
    }
}

extension TLSRPTResult {
    /// What the word says and by which rule.
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
