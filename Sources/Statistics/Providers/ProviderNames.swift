/// Names who runs the mail and the policy of a domain, as the tables of statistics do.
public struct ProviderNames: Sendable {
    private var attribution: Attribution

    /// Names by a catalogue, by the public suffixes, and by what is known of hosts.
    public init(
        catalogue: ProviderCatalogue, suffixes: any PublicSuffixes, directory: HostIndex
    ) {
        attribution = Attribution(catalogue: catalogue, suffixes: suffixes, directory: directory)
    }

    /// Who runs the MX hosts of a domain: `(self)` or `(none)` where it is no other.
    public mutating func mx(of facts: DomainFacts, _ domain: String) -> String {
        let found = attribution.mxOperator(of: facts, domain)
        return found.labels(attribution.catalogue)[0]
    }

    /// Who runs the policy host of a domain.
    public func policy(of facts: DomainFacts, _ domain: String) -> String {
        attribution.policyOperator(of: facts, domain).labels(attribution.catalogue)[0]
    }
}
