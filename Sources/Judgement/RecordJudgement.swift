public import DNS
internal import MTASTS
public import Observations

/// The result of the lookup at `_mta-sts.` (RFC 8461 §3.1).
struct RecordJudgement {
    var status: STSRecordStatus
    var id: [UInt8]?
    var findings: [SurveyFinding] = []

    init(of lookup: Lookup) {
        if let status = STSRecordStatus(withoutRecords: lookup.status) {
            self.status = status
            return
        }
        let evaluation = STSRecordEvaluation(records: lookup.texts)
        status = STSRecordStatus(evaluation.status)
        id = evaluation.record.map { Array($0.id.utf8) }
        findings = evaluation.findings.map { SurveyFinding(record: $0) }
    }
}

/// The result of the fetch of a policy (RFC 8461 §3.2).
struct PolicyJudgement {
    var status: PolicyStatus?
    var policy: Policy?
    var texts: [[UInt8]] = []
    var findings: [SurveyFinding] = []

    /// The result without a fetch.
    init() {}

    init(of seen: PolicyObservation) {
        // RFC 8461 §3.3: only the body of a 200 counts.
        guard seen.status == .ok, let body = seen.body else { return }
        let evaluation = PolicyEvaluation(body: body)
        status = evaluation.status
        policy = evaluation.policy
        texts = evaluation.fields.mxTexts
        findings = evaluation.findings.map { SurveyFinding(policy: $0) }
    }
}

extension PolicyJudgement {
    /// Whether the policy fetched is another than the earlier one; nil where not both are known.
    func isChanged(since previous: PriorState?, _ seen: PolicyObservation) -> Bool? {
        guard seen.source == .fetched, status != nil, let body = previous?.policy?.body,
            let before = PolicyEvaluation(body: body).policy
        else { return nil }
        return policy?.saysTheSame(as: before) != true
    }
}

extension STSRecordStatus {
    /// The status of a lookup at `_mta-sts.`, as far as a scan needs it to decide the next step.
    public init(of lookup: Lookup) { self = RecordJudgement(of: lookup).status }
}

extension PriorState {
    /// The policy in the cache of a sender that fetched it at the earlier scan and now sees
    /// `record`; nil where it would fetch again (RFC 8461 §5.1).
    ///
    /// It does not fetch within max_age (§3.2) as long as the id is the same (§3.1).
    public func carriedOver(
        to record: Lookup, of policyHost: DomainName, at now: Int64
    ) -> PolicyObservation? {
        guard let policy, now >= policy.fetchedAt,
            now - policy.fetchedAt < Int64(policy.maxAge),
            RecordJudgement(of: record).id == policy.id
        else { return nil }
        var observation = PolicyObservation(host: policyHost, addresses: nil, status: .ok)
        observation.body = policy.body
        observation.fetchedEarlierAt = policy.fetchedAt
        return observation
    }
}

extension PolicyObservation {
    /// The mx values of the policy as written, valid or not.
    package var patterns: [[UInt8]] { PolicyJudgement(of: self).texts }
}
