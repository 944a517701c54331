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

        /// The thresholds of the survey of 2024, and all rows.
        public init() {}
    }

    /// The tables in the order of the way that a sender goes.
    public let tables: [StatsTable]
    /// What the reader must know of figures that are not exact; empty where all are.
    public let cautions: [String]

    /// The tables of these totals.
    public init(_ totals: DomainTotals, _ options: Options = Options()) {
        let operators = OperatorView(
            totals.mx, totals.policies, totals.catalogue, options.thresholds)
        let outcomes = OutcomeTotals(cells: totals.cells)
        let long = [
            tldTable(totals.tlds), mxProviderTable(totals.mx, operators),
            policyProviderTable(totals.policies, operators),
            residueTable(totals.policies, operators), recordOnlyTable(totals.mx, operators),
            maxAgeValueTable(totals.maxAges), findingTable(totals.findings),
        ].map { table in options.top.map { table.top($0) } ?? table }
        let groups = totals.groups.tables(by: options.group, weight: options.weight)
        let adoption =
            [
                outcomes.funnel, outcomes.verdicts, outcomes.reasons, outcomes.senders,
                outcomes.senderVerdicts,
                outcomes.modes, long[0],
                outcomes.ranks, long[1], mxClassTable(totals.mx, operators), long[2],
                pairTable(totals.pairs, operators), long[3], long[4],
                maxAgeTable(totals.maxAgeBuckets), long[5],
            ]
        let errors = [
            outcomes.firstFailures, outcomes.misconfigurations, outcomes.records,
            policyErrorTable(totals.policies, operators),
            policyLayerTable(totals.policies, operators), outcomes.certificates,
            outcomes.mismatches,
            outcomes.dane, outcomes.tlsrpt, outcomes.tlsrptResults, long[6],
            hostTable(totals.hosts), hostCertificateTable(totals.hosts),
            hostTLSTable(totals.hosts),
        ]
        let traits = totals.hosts.traits
        let named = [traits.issuers, traits.authorities].map { table in
            options.top.map { table.top($0) } ?? table
        }
        let hosts =
            [
                traits.versions, traits.groups, traits.requireTLS, traits.keys, traits.lifetimes,
                traits.remaining, traits.daneFailures,
            ] + named + [outcomes.microsoft]
        tables =
            adoption + errors + hosts
            + totals.networks.tables.map { table in options.top.map { table.top($0) } ?? table }
            + groups.map { table in
                // That of weights has a row for each column of the others.
                table.name == "weights" ? table : options.top.map { table.top($0) } ?? table
            }
        cautions = Self.cautions(totals)
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

    /// The names of all tables, of those too that are not always there.
    public static let allNames = names + networkNames + groupNames

    /// The names of the tables by AS and by country, which are there where records say them.
    public static let networkNames = ["networks", "countries"]

    /// The names of all other tables, in their order.
    public static let names = [
        "funnel", "verdicts", "reasons", "senders", "sender_verdicts", "modes", "tlds", "ranks",
        "mx_providers",
        "mx_classes", "policy_providers", "same_provider", "residue", "record_only", "max_age",
        "max_age_values", "first_failures", "misconfigurations", "records", "policy_errors",
        "policy_layers", "mx_certificates", "mx_mismatches", "dane", "tlsrpt", "tlsrpt_results",
        "findings", "hosts", "host_certificates", "host_tls", "host_versions",
        "host_groups", "host_requiretls", "host_keys", "host_lifetimes", "host_lifetime_left",
        "host_dane_failures",
        "host_issuers", "host_authorities", "microsoft_mx",
    ]
}
