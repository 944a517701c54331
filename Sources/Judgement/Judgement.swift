public import MTASTS
public import Observations

/// What the facts about one domain amount to.
public struct Judgement: Sendable {
    /// Where mail goes.
    public var mxStatus: MXStatus
    /// The status of the TXT records.
    public var record: STSRecordStatus
    /// The id of a valid record.
    public var recordID: [UInt8]?
    /// How the fetch ended; nil where no record called for one.
    public var policyFetch: PolicyFetchStatus?
    /// The source of the policy; nil where no record called for one.
    public var policySource: PolicySource?
    /// Whether the policy fetched is another than that of an earlier scan; nil where not both are
    /// known.
    public var isPolicyChanged: Bool?
    /// The status of the body; nil without a body of a 200 response.
    public var policyStatus: PolicyStatus?
    /// The mode of a valid policy.
    public var mode: Mode?
    /// The max_age of a valid policy, in seconds.
    public var maxAge: Int?
    /// The mx values of the policy as written, valid or not.
    public var patterns: [[UInt8]]
    /// The status of the TLSRPT records.
    public var tlsrpt: TLSRPTStatus
    /// The hosts, in the order a sender tries them.
    public var hosts: [HostJudgement]
    /// What DANE says; nil where mail goes to no host.
    public var dane: DomainDANEStatus?
    /// What becomes of mail to the domain.
    public var verdict: Verdict
    /// Why.
    public var reason: VerdictReason
    /// What becomes of it from each sender.
    public internal(set) var senderVerdicts: SenderVerdicts
    /// The first cause of the verdict, in the order a sender goes; nil where nothing failed.
    public var firstFailure: FirstFailure?
    /// All findings.
    public var findings: [SurveyFinding]
}

extension Judgement {
    /// The verdict for `Sender.postfix`.
    public var postfixVerdict: Verdict { senderVerdicts[.postfix] ?? verdict }

    /// Whether the verdict, or the outcome of a host, is another for `Sender.postfix`.
    public var dependsOnSender: Bool { dependsOnSender(hostCounts) }

    /// The same, of hosts that are counted already.
    package func dependsOnSender(_ counts: HostCounts) -> Bool {
        verdict != postfixVerdict || counts.dependent > 0
    }

    /// What can be counted of the hosts.
    package var hostCounts: HostCounts { HostCounts(of: hosts) }
}

/// How many hosts are in what state.
package struct HostCounts {
    /// Those that spoke SMTP.
    package var reached = 0
    /// Those that negotiated TLS.
    package var tls = 0
    /// Those that have a certificate without an error.
    package var certificateOK = 0
    /// Those that the policy allows; nil where none was compared with a policy.
    package var matched: Int?
    /// Those whose outcome is another for `Sender.postfix`.
    var dependent = 0

    init(of hosts: [HostJudgement]) {
        // A span lends its elements, an iterator would copy each.
        let hosts = hosts.span
        for index in hosts.indices {
            reached += hosts[index].status.isReached ? 1 : 0
            tls += hosts[index].status == .ok ? 1 : 0
            certificateOK += hosts[index].certificate == .ok ? 1 : 0
            dependent += hosts[index].outcome != hosts[index].postfixOutcome ? 1 : 0
            guard let match = hosts[index].policyMatch else { continue }
            matched = (matched ?? 0) + (match == .literal || match == .wildcard ? 1 : 0)
        }
    }
}
