public import Archive
internal import DNS
internal import Explanations
internal import FolderStatistics
internal import Judgement
internal import Observations
internal import PublicSuffix
internal import RecordReading
internal import Records
public import ScanFolder
public import Statistics

/// The domains of a scan's folder that are wanted.
public struct FolderSelection: Sendable {
    /// Which domains are wanted.
    public var filter = DomainFilter()
    /// How many threads read.
    public var threads = RecordFiles.threadsByDefault
    /// Names of providers.
    private let catalogue: ProviderCatalogue

    /// How many domains there were, and how many were wanted.
    public struct Counts: Hashable, Sendable {
        /// Domains that were judged.
        public internal(set) var domains = 0
        /// Those that were handed on.
        public internal(set) var selected = 0
        /// Those whose verdict is another by this version's rules than in the record.
        public internal(set) var rejudged = 0
    }

    /// A selection of all domains.
    public init(catalogue: ProviderCatalogue) { self.catalogue = catalogue }

    /// Makes lines of each domain that is wanted, on all cores, and writes them in the order of the
    /// records.
    ///
    /// Memory grows with the records of hosts, some 3 KB each.
    public func write(
        _ path: String, lines: @escaping @Sendable (SelectedDomain) -> String,
        to write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws(FolderError) -> Counts {
        guard let suffixes = PublicSuffixList() else {
            throw .refused("libpsl has no Public Suffix List: install Debian's publicsuffix")
        }
        let folder = try ScanFolder(reading: path)
        let hosts = try folder.read(
            .host, partial: false, threads: threads,
            into: { KnownHosts(suffixes: suffixes) }, { $0.add($1) }
        ).reading.merged { $0.merge($1) }
        try Self.requireNone(hosts.failure)
        let names = ProviderNames(
            catalogue: catalogue, suffixes: suffixes,
            directory: hosts.notes.directory(few: ClassThresholds().own))
        let trustsAD = folder.manifest?.trustsAD ?? false
        let reader = DomainSelector(
            folder: path, filter: filter, trustsAD: trustsAD, hosts: hosts.observations,
            names: names, lines: lines)
        return try readDomains(of: folder, reader, write)
    }

    private func readDomains(
        of folder: ScanFolder, _ reader: DomainSelector,
        _ write: @escaping ([UInt8]) throws(ArchiveError) -> Void
    ) throws(FolderError) -> Counts {
        do {
            let reading = try folder.rewrite(
                .domain, threads: threads, into: { reader }, { $0.add($1, &$2) }, write: write)
            let merged = reading.merged { $0.merge($1) }
            try Self.requireNone(merged.failure)
            return merged.counts
        } catch let error as FolderError {
            throw error
        } catch {
            throw .unwritable("\(error)")
        }
    }

    private static func requireNone(_ failure: String?) throws(FolderError) {
        if let failure { throw .damaged(failure) }
    }
}

/// What a thread has read of the hosts.
private struct KnownHosts: Sendable {
    let suffixes: PublicSuffixList
    private(set) var observations: [ObservedDomain.HostReference: HostObservation] = [:]
    private(set) var notes = HostIndexBuilder()
    /// The first record whose facts could not be read back.
    private(set) var failure: String?

    init(suffixes: PublicSuffixList) { self.suffixes = suffixes }

    mutating func add(_ record: StoredRecord) {
        do throws(ObservationError) {
            let seen = try HostObservation(record: record.value)
            observations[ObservedDomain.HostReference(name: seen.name, number: seen.number)] = seen
            notes.add(seen.facts, suffixes: suffixes)
        } catch {
            failure = failure ?? "a host record: \(error)"
        }
    }

    mutating func merge(_ other: KnownHosts) {
        observations.merge(other.observations) { first, _ in first }
        notes.merge(other.notes)
        failure = failure ?? other.failure
    }
}

extension HostObservation {
    /// What shows who runs the host.
    fileprivate var facts: HostFacts {
        var facts = HostFacts(host: name.text, status: status, dane: .notAsked)
        let lookups = [addresses?.a, addresses?.aaaa]
        facts.cnames = (lookups.lazy.compactMap { $0?.aliases }.first { !$0.isEmpty } ?? [])
            .map(\.text)
        facts.addresses = addresses?.addresses.map(\.description) ?? []
        return facts
    }
}

/// Judges domains, and makes lines of those that are wanted.
private struct DomainSelector: Sendable {
    let folder: String
    let filter: DomainFilter
    let trustsAD: Bool
    let hosts: [ObservedDomain.HostReference: HostObservation]
    var names: ProviderNames
    let lines: @Sendable (SelectedDomain) -> String
    var counts = FolderSelection.Counts()
    var failure: String?
    private let verdicts = EnumTable<Verdict>()

    init(
        folder: String, filter: DomainFilter, trustsAD: Bool,
        hosts: [ObservedDomain.HostReference: HostObservation], names: ProviderNames,
        lines: @escaping @Sendable (SelectedDomain) -> String
    ) {
        self.folder = folder
        self.filter = filter
        self.trustsAD = trustsAD
        self.hosts = hosts
        self.names = names
        self.lines = lines
    }

    mutating func add(_ record: StoredRecord, _ text: inout [UInt8]) {
        do throws(ObservationError) {
            let domain = try ObservedDomain(record: record.value)
            // A line that names no domain, or that was not looked up, is none to be listed.
            guard let name = domain.entry.domain,
                let seen = try domain.observation(with: hosts)
            else { return }
            let judgement = Judgement(of: name, seen, trustsAD: trustsAD)
            counts.domains += 1
            let recorded = verdicts[record.value["verdict"]]
            if let recorded, recorded != judgement.verdict { counts.rejudged += 1 }
            guard filter.admits(name, domain.entry.columns, judgement),
                let selected = selected(domain, name, seen, judgement)
            else { return }
            counts.selected += 1
            text += lines(selected).utf8
        } catch {
            failure = failure ?? "a domain record: \(error)"
        }
    }

    /// A domain with its diagnosis; nil where other providers are wanted.
    private mutating func selected(
        _ domain: ObservedDomain, _ name: DomainName, _ seen: DomainObservation,
        _ judgement: Judgement
    ) -> SelectedDomain? {
        let facts = seen.providerFacts(judgement)
        let mxProvider = names.mx(of: facts, name.text)
        let policyProvider = names.policy(of: facts, name.text)
        guard filter.admits(mxProvider: mxProvider, policyProvider: policyProvider) else {
            return nil
        }
        return SelectedDomain(
            folder: folder, entry: domain.entry, name: name, scannedAt: domain.scannedAt,
            observation: seen, judgement: judgement,
            diagnosis: Diagnosis(of: name, seen, judgement, at: domain.scannedAt),
            mxProvider: mxProvider, policyProvider: policyProvider,
            earlier: filter.earlier?[name.text])
    }

    mutating func merge(_ other: DomainSelector) {
        counts.domains += other.counts.domains
        counts.selected += other.counts.selected
        counts.rejudged += other.counts.rejudged
        failure = failure ?? other.failure
    }
}

extension DomainObservation {
    /// What shows who runs the mail and the policy.
    fileprivate func providerFacts(_ judgement: Judgement) -> DomainFacts {
        var facts = DomainFacts()
        facts.hosts = judgement.hosts.map { DomainFacts.Host(name: $0.host.text) }
        facts.recordCNAMEs = record.aliases.map(\.text)
        guard let addresses = policy?.addresses else { return facts }
        let aliases = addresses.a.aliases.isEmpty ? addresses.aaaa.aliases : addresses.a.aliases
        facts.policyCNAMEs = aliases.map(\.text)
        facts.policyAddresses = addresses.addresses.map(\.description)
        return facts
    }
}
