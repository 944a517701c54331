public import DNS
public import Observations

extension PriorState {
    /// The policy as a sender would have it that asked at the earlier scan, and now sees `record`;
    /// nil where it would fetch (RFC 8461 §5.1).
    ///
    /// It is spared the fetch as long as max_age runs (§3.2) and the id stays the same (§3.1).
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
