public import Archive
internal import DNS
public import Networks
public import Preload
public import Probe
internal import RecordReading
internal import Records
public import ScanFolder

/// Joins the facts of domains, hosts and policies to final records, without a packet.
///
/// `scan` does the same in one process. Domains are read, judged and written on all cores in their
/// order; memory grows with the hosts (some 1.2 KB each) and the policies, not with the domains.
public struct Judging {
    /// Where the records go.
    public enum Output {
        /// Into a new folder, with the records of the hosts that domains were judged by.
        case folder(String)
        /// The domain records alone, to this: whole lines, one call at a time.
        case lines(([UInt8]) throws(ArchiveError) -> Void)
    }

    /// Folders, files or pipes with domain records.
    public var domains: [String]
    /// The same with host records.
    public var hosts: [String]
    /// The same with policy records.
    public var policies: [String] = []
    /// Which MX hosts domains are judged by.
    public var choice = HostChoice(scope: .all, limit: 64)
    /// Whether AD bits count of records that come without a manifest.
    public var trustsAD = false
    /// Whether domains are judged although hosts or policies have no record: as not observed.
    public var isPartial = false
    /// The list that domains are compared with.
    public var preload: PreloadFile?
    /// The files that say where addresses are; nil to keep what is recorded of it.
    public var networks: NetworkFiles?
    /// How many threads read, judge and write.
    public var threads = RecordFiles.threadsByDefault

    /// A judgement of these domains by these hosts.
    public init(_ domains: [String], hosts: [String]) {
        self.domains = domains
        self.hosts = hosts
    }

    /// Does it; of a folder nothing is left where something fails.
    public func run(into output: Output) throws(FolderError) -> JudgingReport {
        let inputs = try Inputs(self)
        switch output {
        case .lines(let write):
            let (judged, facts) = try judgeDomains(inputs, write)
            return try report(inputs, judged, facts, into: nil)
        case .folder(let path):
            for source in inputs.hosts where !source.canBeReadAgain {
                throw .refused(
                    "the hosts of \(source.name) cannot be read twice, as a folder needs: write "
                        + "them to a file first")
            }
            try OutputFolder.requireUsable(path)
            var report: JudgingReport?
            _ = try OutputFolder.create(path) { (folder) throws(FolderError) in
                report = try write(inputs, into: folder, as: path)
            }
            guard let report else { preconditionFailure("a folder that is made was filled") }
            return report
        }
    }

    /// Everything that is read.
    private struct Inputs {
        let domains: [RecordSource]
        let hosts: [RecordSource]
        let policies: [RecordSource]
        let trustsAD: Bool

        init(_ judging: Judging) throws(FolderError) {
            domains = try Self.open(judging.domains) { (name) throws(FolderError) in
                try RecordSource(name)
            }
            hosts = try Self.open(judging.hosts) { (name) throws(FolderError) in
                try RecordSource(name)
            }
            policies = try Self.open(judging.policies) { (name) throws(FolderError) in
                try RecordSource(name, holding: .policy)
            }
            let isFromPipe = (judging.domains + judging.hosts + judging.policies).filter {
                $0 == "-"
            }
            guard isFromPipe.count < 2 else {
                throw .refused("standard input (-) can be read once only")
            }
            let manifests = (domains + hosts).map(\.folder?.manifest)
            trustsAD = manifests.allSatisfy { $0?.trustsAD ?? judging.trustsAD }
        }

        private static func open(
            _ names: [String], _ source: (String) throws(FolderError) -> RecordSource
        ) throws(FolderError) -> [RecordSource] {
            var sources: [RecordSource] = []
            for name in names { sources.append(try source(name)) }
            return sources
        }
    }

    private typealias Judge = DomainRecordJudge<JoinedFacts>

    /// Judges and writes the domains.
    private func judgeDomains(
        _ inputs: Inputs, _ write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws(FolderError) -> (Judge, JoinedFacts) {
        let facts = JoinedFacts(
            choice, hosts: try readHosts(inputs), policies: try readPolicies(inputs))
        let (preload, networks, trustsAD) = (preload?.list, networks, inputs.trustsAD)
        let makeJudge = { @Sendable in
            Judge(
                trustsAD: trustsAD, preload: preload, networks: networks, completion: facts)
        }
        var all = makeJudge()
        for source in inputs.domains {
            let reading = try source.rewrite(
                .domain, threads: threads, into: makeJudge, { $0.add($1, &$2) }, write: write)
            for state in reading.states { all.merge(state) }
        }
        try requireAll(all.completion)
        return (all, all.completion)
    }

    private func readHosts(_ inputs: Inputs) throws(FolderError) -> [DomainName: KnownHosts.Host] {
        var known = KnownHosts()
        for (number, source) in inputs.hosts.enumerated() {
            let reading = try source.read(
                .host, threads: threads, into: { KnownHosts(source: number) }
            ) { $0.add($1) }
            try source.checkFacts(reading)
            for state in reading.states { known.merge(state) }
        }
        return known.hosts
    }

    private func readPolicies(_ inputs: Inputs) throws(FolderError) -> [DomainName: ObservedPolicy]
    {
        var known = KnownPolicies()
        for source in inputs.policies {
            // Policies have no kind of their own in a scan's folder.
            let reading = try source.read(.policy, threads: threads, into: { KnownPolicies() }) {
                $0.add($1)
            }
            try source.checkFacts(reading)
            for state in reading.states { known.merge(state) }
        }
        return known.policies
    }

    /// Refuses a judgement by less than what domains name.
    private func requireAll(_ facts: JoinedFacts) throws(FolderError) {
        guard !isPartial else { return }
        for (missing, what) in [
            (facts.missingHosts, "MX hosts"), (facts.missingPolicies, "policies"),
        ] where missing.count > 0 {
            throw .damaged(
                "\(what) that domains name have no record (\(grouped(missing.count)) times): "
                    + "\(missing.words); --partial judges by what there is")
        }
    }

    // MARK: Folders

    private func write(
        _ inputs: Inputs, into folder: String, as path: String
    ) throws(FolderError) -> JudgingReport {
        do {
            let domainWriter = try ArchiveWriter(
                directory: folder, stem: RecordKind.domain.rawValue, digest: fileDigest)
            let (judged, facts) = try judgeDomains(inputs) { (lines) throws(ArchiveError) in
                try domainWriter.append(lines)
            }
            try domainWriter.close()
            let hostWriter = try ArchiveWriter(
                directory: folder, stem: RecordKind.host.rawValue, digest: fileDigest)
            let hosts = try writeHosts(inputs, facts) { (lines) throws(ArchiveError) in
                try hostWriter.append(lines)
            }
            try hostWriter.close()
            var report = try report(inputs, judged, facts, into: path)
            report.totals.merge(hosts)
            try report.writeManifest(
                of: inputs.domains, into: folder, firstScannedAt: judged.firstScannedAt,
                domainFiles: domainWriter.committed, hostFiles: hostWriter.committed)
            return report
        } catch let error as FolderError {
            throw error
        } catch {
            throw .unwritable("\(error)")
        }
    }

    /// Writes the hosts that domains were judged by; their counts.
    private func writeHosts(
        _ inputs: Inputs, _ facts: JoinedFacts,
        _ write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws(FolderError) -> ScanTotals {
        let places = Set(facts.used.compactMap { facts.hosts[$0]?.place })
        let (networks, trustsAD) = (networks, inputs.trustsAD)
        var totals = ScanTotals()
        for (number, source) in inputs.hosts.enumerated() {
            let reading = try source.rewrite(
                .host, threads: threads,
                into: { HostRecordJudge(trustsAD: trustsAD, networks: networks) },
                { judge, record, lines in
                    guard places.contains(HostPosition(record.place, source: number)) else {
                        return
                    }
                    judge.add(record, &lines)
                }, write: write)
            for state in reading.states { totals.merge(state.totals) }
        }
        return totals
    }

    private func report(
        _ inputs: Inputs, _ judged: Judge, _ facts: JoinedFacts, into output: String?
    ) throws(FolderError) -> JudgingReport {
        JudgingReport(
            domains: domains, hosts: hosts, policies: policies, output: output,
            trustsAD: inputs.trustsAD, totals: judged.totals,
            hostsUsed: facts.used.count, hostsKnown: facts.hosts.count,
            missingHosts: facts.missingHosts.count, missingPolicies: facts.missingPolicies.count,
            networks: networks?.identities, preload: preload)
    }
}
