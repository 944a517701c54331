public import DNS
public import Observations

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
