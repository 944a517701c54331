public import Findings

/// What becomes of mail to a domain, from a sender that keeps to the RFCs and has nothing cached.
public enum Verdict: String, DocumentedValue {
    case protectedDANE = "protected_dane"
    case protectedSTS = "protected_sts"
    case partial
    case refused
    case testingOK = "testing_ok"
    case testingWouldFail = "testing_would_fail"
    case opportunistic
    case noMail = "no_mail"
    case unknown

    /// The meaning of the value, and its rule.
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

    /// What the summary of a scan calls the domains of this verdict.
    public var label: String {
        switch self {
        case .protectedDANE: "protected by DANE"
        case .protectedSTS: "protected by MTA-STS"
        case .partial: "protected at some hosts only"
        case .refused: "refused: no host may be used"
        case .testingOK: "testing, enforcing would protect"
        case .testingWouldFail: "testing, enforcing would refuse"
        case .opportunistic: "opportunistic: TLS perhaps, unauthenticated"
        case .noMail: "they take no mail"
        case .unknown: "unknown"
        }
    }
}

/// The one reason for a verdict.
public enum VerdictReason: String, DocumentedValue {
    case nullMX = "null_mx"
    case nxdomain
    case nodata
    case junk
    case mxUnknown = "mx_unknown"
    case mxUnreached = "mx_unreached"
    case daneTempfail = "dane_tempfail"
    case daneUnusable = "dane_unusable"
    case recordUnknown = "record_unknown"
    case noRecord = "no_record"
    case recordInvalid = "record_invalid"
    case policyFetchFailed = "policy_fetch_failed"
    case policyNotFetched = "policy_not_fetched"
    case policyInvalid = "policy_invalid"
    case modeNone = "mode_none"
    case modeTesting = "mode_testing"
    case enforced
    case dane
    case mixed

    /// The meaning of the value, and its rule.
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
        case .policyNotFetched: "The record calls for a policy, which was not to be fetched."
        case .policyInvalid: "A policy that is not valid is none (RFC 8461 §3.2)."
        case .modeNone: "The policy's mode is none (RFC 8461 §5)."
        case .modeTesting: "The policy's mode is testing (RFC 8461 §5)."
        case .enforced: "An enforced policy decides (RFC 8461 §5)."
        case .dane: "DANE decides (RFC 7672 §2.2)."
        case .mixed: "The hosts differ in what decides, or in the result (RFC 8461 §5)."
        }
    }
}
