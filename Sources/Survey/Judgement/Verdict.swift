/// What becomes of mail to a domain, from a sender that keeps to the RFCs and has nothing cached.
public enum Verdict: String, EnumValues {
    /// Every host that senders deliver to is authenticated by DANE.
    case protectedDANE = "protected_dane"
    /// Every host that senders deliver to is authenticated, by MTA-STS at least in part.
    case protectedSTS = "protected_sts"
    /// Some hosts take mail without authentication, others are protected or refused.
    case partial
    /// A policy in force forbids every reached host.
    case refused
    /// Testing, and enforcing would protect.
    case testingOK = "testing_ok"
    /// Testing, and enforcing would refuse a host.
    case testingWouldFail = "testing_would_fail"
    /// Delivered with or without TLS, unauthenticated.
    case opportunistic
    /// The domain takes no mail.
    case noMail = "no_mail"
    /// The facts do not tell.
    case unknown
}

/// The one reason for a verdict.
public enum VerdictReason: String, EnumValues {
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
    case policyInvalid = "policy_invalid"
    case modeNone = "mode_none"
    case modeTesting = "mode_testing"
    case enforced
    case dane
    case mixed
}
