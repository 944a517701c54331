/// How often a combination of outcomes occurred, and the columns of other tables that it counts in.
struct OutcomeCount: Sendable {
    let profile: DomainOutcomes
    var domains: Int
    /// Indexes of `AdoptionColumn`.
    let adoption: [Int]
    /// Indexes of `DelegationColumn`.
    let delegation: [Int]
    /// Indexes of `PairColumn`.
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
