internal import Metrics

/// How long each stage took, on one loop or on all.
struct StageTimes: Sendable {
    /// A try of a DNS question.
    var dns = Histogram()
    /// The fetch of a policy, connection and all.
    var policyFetch = Histogram()
    /// The TCP connect to an MX host.
    var smtpConnect = Histogram()
    /// The SMTP session after it, with STARTTLS.
    var starttls = Histogram()
    /// A domain from its first question to its record.
    var domain = Histogram()

    mutating func merge(_ other: StageTimes) {
        dns.merge(other.dns)
        policyFetch.merge(other.policyFetch)
        smtpConnect.merge(other.smtpConnect)
        starttls.merge(other.starttls)
        domain.merge(other.domain)
    }

    /// The stages by their names in the metrics.
    var byName: [(String, Histogram)] {
        [
            ("dns", dns), ("policy_fetch", policyFetch), ("smtp_connect", smtpConnect),
            ("starttls", starttls), ("domain", domain),
        ]
    }
}
