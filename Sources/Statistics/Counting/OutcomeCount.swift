/// How often a combination of outcomes was met, and the columns of other tables it counts in.
struct OutcomeCount: Sendable {
    let profile: DomainOutcomes
    var domains: Int
    /// Places of `AdoptionColumn`.
    let adoption: [Int]
    /// Places of `DelegationColumn`.
    let delegation: [Int]
    /// Places of `PairColumn`.
    let pair: [Int]

    init(_ profile: DomainOutcomes, domains: Int) {
        self.profile = profile
        self.domains = domains
        adoption = AdoptionColumn.allCases.indices.filter {
            AdoptionColumn.allCases[$0].counts(profile)
        }
        delegation = DelegationColumn.columns(of: profile).compactMap {
            DelegationColumn.places[$0]
        }
        pair = PairColumn.allCases.indices.filter { PairColumn.allCases[$0].counts(profile) }
    }
}
