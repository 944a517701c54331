/// All tables that a census gives.
public struct Statistics: Sendable {
    /// What the reader of the tables chooses.
    public struct Options: Hashable, Sendable {
        /// How many domains make a third party, and how few do not.
        public var thresholds = ClassThresholds()
        /// How many rows of a long table; nil for all.
        public var top: Int?

        /// The thresholds of the survey of 2024, and all rows.
        public init() {}
    }

    /// The tables in the order of the way that a sender goes.
    public let tables: [StatsTable]
    /// What the reader must know of figures that are not exact; empty where all are.
    public let cautions: [String]

    /// The tables of a census.
    public init(_ census: Census, _ options: Options = Options()) {
        let operators = OperatorView(
            census.mx, census.policies, census.catalogue, options.thresholds)
        let cube = Cube(cells: census.cells)
        let long = [
            tldTable(census.tlds), mxProviderTable(census.mx, operators),
            policyProviderTable(census.policies, operators),
            residueTable(census.policies, operators), recordOnlyTable(census.mx, operators),
            maxAgeValueTable(census.maxAges), findingTable(census.findings),
        ].map { table in options.top.map { table.top($0) } ?? table }
        tables =
            [
                cube.funnel, cube.verdicts, cube.reasons, cube.senders, cube.modes, long[0],
                cube.ranks, long[1], mxClassTable(census.mx, operators), long[2],
                pairTable(census.pairs, operators), long[3], long[4],
                maxAgeTable(census.maxAgeBuckets), long[5],
            ]
            + [
                cube.firstFailures, cube.misconfigurations, cube.records,
                policyErrorTable(census.policies, operators),
                policyLayerTable(census.policies, operators), cube.certificates, cube.mismatches,
                cube.dane, cube.tlsrpt, cube.tlsrptResults, long[6],
                hostTable(census.hosts), hostCertificateTable(census.hosts),
                hostTLSTable(census.hosts),
            ]
        cautions = Self.cautions(census)
    }

    /// The table of a name.
    public func table(_ name: String) -> StatsTable? { tables.first { $0.name == name } }

    private static func cautions(_ census: Census) -> [String] {
        var words: [String] = []
        func report(_ what: String, _ dropped: Int, _ shortfall: Int) {
            guard dropped > 0 else { return }
            words.append(
                "\(what): the smallest \(dropped) groups were dropped for want of room, and a "
                    + "count may lack up to \(shortfall) domains")
        }
        report("tlds", census.tlds.dropped, census.tlds.shortfall)
        report("mx_providers", census.mx.dropped, census.mx.shortfall)
        report("policy_providers", census.policies.dropped, census.policies.shortfall)
        report("same_provider", census.pairs.dropped, census.pairs.shortfall)
        report("max_age_values", census.maxAges.dropped, census.maxAges.shortfall)
        if census.overflowingHosts > 0 {
            words.append(
                "of \(census.overflowingHosts) hosts aliases and addresses were not kept in mind")
        }
        return words
    }
}

extension Statistics {
    /// The names of all tables, in their order.
    public static let names = [
        "funnel", "verdicts", "reasons", "senders", "modes", "tlds", "ranks", "mx_providers",
        "mx_classes", "policy_providers", "same_provider", "residue", "record_only", "max_age",
        "max_age_values", "first_failures", "misconfigurations", "records", "policy_errors",
        "policy_layers", "mx_certificates", "mx_mismatches", "dane", "tlsrpt", "tlsrpt_results",
        "findings", "hosts", "host_certificates", "host_tls",
    ]
}
