internal import MTASTS
internal import Observations
internal import Records

/// The counts of a scan, or of a part of one: facts are added, and two totals are merged into one.
///
/// Memory grows with the combinations of outcomes and the codes of findings, which are few, and, up
/// to `groupsMax` of each, with TLDs, max_age values, operators and pairs of operators.
public struct DomainTotals: Sendable {
    private var attribution: Attribution
    private(set) var cells: [OutcomeCount] = []
    private var places: [DomainOutcomes: Int] = [:]
    private(set) var hosts = HostTotals()
    private(set) var findings: [DomainFacts.Finding: Int] = [:]
    private(set) var maxAgeBuckets: [MaxAgeCell: Int] = [:]
    private(set) var maxAges: GroupTable<MaxAge>
    private(set) var tlds: GroupTable<String>
    /// Domains that the list ranks, by TLD and rank.
    private(set) var tldRanks: GroupTable<TLDRank>
    private(set) var mx: GroupTable<Operator>
    private(set) var policies: GroupTable<Operator>
    private(set) var pairs: GroupTable<OperatorPair>
    private(set) var groups: GroupTotals
    /// Domains by AS and by country; those of hosts are with the hosts.
    private var domainNetworks: NetworkTotals

    /// Nothing counted yet; `directory` comes from all host records.
    public init(
        catalogue: ProviderCatalogue, suffixes: any PublicSuffixes, directory: HostIndex,
        groupsMax: Int = 1 << 18
    ) {
        attribution = Attribution(
            catalogue: catalogue, suffixes: suffixes, directory: directory)
        maxAges = GroupTable(width: 1, capacity: groupsMax)
        tlds = GroupTable(width: AdoptionColumn.allCases.count, capacity: groupsMax)
        tldRanks = GroupTable(width: AdoptionColumn.allCases.count, capacity: groupsMax)
        mx = GroupTable(width: AdoptionColumn.allCases.count, capacity: groupsMax)
        policies = GroupTable(width: DelegationColumn.all.count, capacity: groupsMax)
        pairs = GroupTable(width: PairColumn.allCases.count, capacity: groupsMax)
        groups = GroupTotals(groupsMax: groupsMax)
        domainNetworks = NetworkTotals(groupsMax: groupsMax)
    }

    var catalogue: ProviderCatalogue { attribution.catalogue }
    var overflowingHosts: Int { attribution.directory.overflow }

    /// Counts a domain.
    public mutating func add(_ facts: DomainFacts) {
        let cell = count(DomainOutcomes(facts))
        count(facts.findings)
        if facts.status == .scanned { groups.add(cell.adoption, facts) }
        if facts.hasPolicy, let seconds = facts.maxAge, let mode = facts.mode {
            let maxAge = MaxAge(seconds: seconds, mode: mode)
            maxAges.count([0], of: maxAge)
            maxAgeBuckets[MaxAgeCell(maxAge), default: 0] += 1
        }
        guard let domain = facts.domain else { return }
        let tld = topLevel(domain)
        tlds.count(cell.adoption, of: tld)
        if facts.status == .scanned, facts.rank != nil {
            tldRanks.count(cell.adoption, of: TLDRank(tld: tld, rank: cell.profile.rank))
        }
        var mxOperator = Operator.none
        if facts.takesMail {
            mxOperator = attribution.mxOperator(of: facts, domain)
            mx.count(cell.adoption, of: mxOperator)
            if let first = facts.hosts.first,
                let traits = attribution.directory.traits(of: first)
            {
                hosts.add(domain: cell.profile, at: traits)
            }
        }
        countNetworks(facts)
        guard facts.hasRecord || !facts.recordCNAMEs.isEmpty else { return }
        let policyOperator = attribution.policyOperator(of: facts, domain)
        policies.count(cell.delegation, of: policyOperator)
        guard facts.hasRecord, facts.takesMail else { return }
        pairs.count(cell.pair, of: OperatorPair(mx: mxOperator, policy: policyOperator))
    }

    private mutating func countNetworks(_ facts: DomainFacts) {
        if facts.takesMail {
            var places = NetworkPlaces([])
            for host in facts.hosts {
                if let some = attribution.directory.places(of: host.name) { places.merge(some) }
            }
            domainNetworks.count(.domains, at: places)
        }
        guard facts.hasPolicyHost else { return }
        domainNetworks.note(facts.policyNetworks)
        domainNetworks.count(.policyDomains, at: facts.policyNetworks.map { NetworkPlaces($0) })
    }

    /// Hosts and domains by AS and by country.
    var networks: NetworkTotals {
        var all = domainNetworks
        all.merge(hosts.networks)
        return all
    }

    /// Whether there is any group but one.
    public func hasGroups(otherThan group: String) -> Bool {
        groups.groups.entries.contains { $0.key != group }
    }

    /// Whether the weight of any domain is known.
    public var hasWeights: Bool { groups.weighed.contains { $0 > 0 } }

    /// Adds the counts of hosts.
    public mutating func add(_ hosts: HostTotals) { self.hosts.merge(hosts) }

    /// Adds the counts of another part of the scan.
    public mutating func merge(_ other: DomainTotals) {
        for cell in other.cells { _ = count(cell.profile, times: cell.domains) }
        hosts.merge(other.hosts)
        findings.merge(other.findings, uniquingKeysWith: +)
        maxAgeBuckets.merge(other.maxAgeBuckets, uniquingKeysWith: +)
        maxAges.merge(other.maxAges)
        tlds.merge(other.tlds)
        tldRanks.merge(other.tldRanks)
        mx.merge(other.mx)
        policies.merge(other.policies)
        pairs.merge(other.pairs)
        groups.merge(other.groups)
        domainNetworks.merge(other.domainNetworks)
    }

    /// Counts a combination of outcomes; gives its cell.
    private mutating func count(_ profile: DomainOutcomes, times: Int = 1) -> OutcomeCount {
        if let place = places[profile] {
            cells[place].domains += times
            return cells[place]
        }
        places[profile] = cells.count
        cells.append(OutcomeCount(profile, domains: times))
        return cells[cells.count - 1]
    }

    /// A finding can be there several times, once for each host: the domain counts once.
    private mutating func count(_ found: [DomainFacts.Finding]) {
        for (index, finding) in found.enumerated() where !found[..<index].contains(finding) {
            findings[finding, default: 0] += 1
        }
    }
}

/// The last label of a name.
private func topLevel(_ name: String) -> String {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return name }
    return String(name[name.utf8.index(after: dot)...])
}
