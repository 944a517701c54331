/// All tables of statistics.
public struct Statistics: Sendable {
    /// What the reader of the tables chooses.
    public struct Options: Hashable, Sendable {
        /// How many domains make a third party, and how few do not.
        public var thresholds = ClassThresholds()
        /// How many rows of a long table; nil for all.
        public var top: Int?
        /// The column of the list that makes groups.
        public var group: String?
        /// The column of the list that is the weight of a domain.
        public var weight: String?
        /// Whether the list is a random sample, so that shares have 95 % intervals.
        public var isSample = false

        /// The thresholds of the survey of 2024, and all rows.
        public init() {}
    }

    /// The way from the list to protected mail, in a sentence or two.
    public let headline: String
    /// The tables in the order of the way that a sender goes.
    public let tables: [StatsTable]
    /// What the reader must know of figures that are not exact; empty where all are.
    public let cautions: [String]

    /// The tables of these totals.
    public init(_ totals: DomainTotals, _ options: Options = Options()) {
        self.init(totals, options, withNetworks: totals.networks.isKnown)
    }

    private init(_ totals: DomainTotals, _ options: Options, withNetworks: Bool) {
        let operators = OperatorView(
            totals.mx, totals.policies, totals.catalogue, options.thresholds)
        let outcomes = OutcomeTotals(cells: totals.cells)
        let tables =
            Self.adoption(totals, outcomes, operators) + Self.errors(totals, outcomes, operators)
            + Self.hosts(totals, outcomes) + (withNetworks ? totals.networks.tables : [])
            + totals.groups.tables(by: options.group, weight: options.weight)
        self.tables = tables.map { table in
            var table = table
            table.isSample = options.isSample
            guard let top = options.top, Self.longNames.contains(table.name) else { return table }
            return table.top(top)
        }
        headline = outcomes.headline(isSample: options.isSample)
        cautions = Self.cautions(totals)
    }

    private static func adoption(
        _ totals: DomainTotals, _ outcomes: OutcomeTotals, _ operators: OperatorView
    ) -> [StatsTable] {
        [
            outcomes.funnel, outcomes.verdicts, outcomes.reasons, outcomes.senders,
            outcomes.senderVerdicts, outcomes.modes, tldTable(totals.tlds), outcomes.ranks,
            outcomes.cumulativeRanks, tldRankTable(totals.tldRanks),
            mxProviderTable(totals.mx, operators), mxClassTable(totals.mx, operators),
            policyProviderTable(totals.policies, operators), pairTable(totals.pairs, operators),
            residueTable(totals.policies, operators), recordOnlyTable(totals.mx, operators),
            maxAgeTable(totals.maxAgeBuckets), maxAgeValueTable(totals.maxAges),
        ]
    }

    private static func errors(
        _ totals: DomainTotals, _ outcomes: OutcomeTotals, _ operators: OperatorView
    ) -> [StatsTable] {
        [
            outcomes.firstFailures, outcomes.misconfigurations, outcomes.records,
            policyErrorTable(totals.policies, operators),
            policyLayerTable(totals.policies, operators), outcomes.certificates,
            outcomes.mismatches, outcomes.dane, outcomes.tlsrpt, outcomes.tlsrptResults,
            findingTable(totals.findings, of: outcomes.scannedBase),
        ]
    }

    private static func hosts(
        _ totals: DomainTotals, _ outcomes: OutcomeTotals
    ) -> [StatsTable] {
        let traits = totals.hosts.traits
        return [
            hostTable(totals.hosts), hostCertificateTable(totals.hosts),
            hostTLSTable(totals.hosts), traits.versions, traits.groups, traits.requireTLS,
            traits.keys, traits.lifetimes, traits.remaining, traits.daneFailures, traits.issuers,
            traits.authorities, outcomes.microsoft,
        ]
    }

    /// The table of a name.
    public func table(_ name: String) -> StatsTable? { tables.first { $0.name == name } }

    private static func cautions(_ totals: DomainTotals) -> [String] {
        var words: [String] = []
        func report(_ what: String, _ dropped: Int, _ shortfall: Int) {
            guard dropped > 0 else { return }
            words.append(
                "\(what): the smallest \(dropped) groups were dropped for want of room, and a "
                    + "count may lack up to \(shortfall) domains")
        }
        report("tlds", totals.tlds.dropped, totals.tlds.shortfall)
        report("tld_ranks", totals.tldRanks.dropped, totals.tldRanks.shortfall)
        report("mx_providers", totals.mx.dropped, totals.mx.shortfall)
        report("policy_providers", totals.policies.dropped, totals.policies.shortfall)
        report("same_provider", totals.pairs.dropped, totals.pairs.shortfall)
        report("groups", totals.groups.groups.dropped, totals.groups.groups.shortfall)
        let networks = totals.networks
        report("networks", networks.systems.table.dropped, networks.systems.table.shortfall)
        report("countries", networks.countries.table.dropped, networks.countries.table.shortfall)
        report("max_age_values", totals.maxAges.dropped, totals.maxAges.shortfall)
        let unnamed = totals.hosts.traits.hosts {
            $0.certificate?.issuer == HostTraitTotals.others
        }
        if unnamed > 0 {
            words.append("host_authorities: the issuers of \(unnamed) hosts were not kept apart")
        }
        if totals.overflowingHosts > 0 {
            words.append(
                "of \(totals.overflowingHosts) hosts aliases and addresses were not kept in mind")
        }
        return words
    }
}

extension Statistics {
    /// The names of the tables of groups and of weights, which are there where they are asked for.
    public static let groupNames = ["groups", "weights", "group_weights"]

    /// The names of the tables by AS and by country, which are there where records say them.
    public static let networkNames = ["networks", "countries"]

    /// The names of all tables, of those too that are not always there.
    public static let allNames = codebook.map(\.name)

    /// The names of the tables that are always there, in their order.
    public static let names = allNames.filter { !(groupNames + networkNames).contains($0) }

    /// The tables with a row for each of many groups.
    ///
    /// That of weights is none: it has a row for each column of the tables of adoption.
    private static let longNames: Set = [
        "tlds", "tld_ranks", "mx_providers", "policy_providers", "residue", "record_only",
        "max_age_values", "findings", "host_issuers", "host_authorities", "networks", "countries",
        "groups", "group_weights",
    ]
}

// MARK: The codebook

extension Statistics {
    /// Every table there can be, with nothing counted: what its labels and columns are.
    public static let codebook: [StatsTable] = {
        var options = Options()
        (options.group, options.weight) = ("NAME", "NAME")
        let nothing = DomainTotals(
            catalogue: .empty, suffixes: NoSuffixes(),
            directory: HostIndex())
        return Statistics(nothing, options, withNetworks: true).tables
    }()

    private struct NoSuffixes: PublicSuffixes {
        func registrableDomain(of name: String) -> String? { nil }
    }
}
