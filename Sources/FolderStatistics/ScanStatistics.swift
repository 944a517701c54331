public import PublicSuffix
internal import RecordReading
public import ScanFolder
public import Statistics

/// The statistics of a scan's folder, of a scan that is finished or running.
public struct ScanStatistics: Sendable {
    /// What the reader of the tables chooses.
    public struct Options: Sendable {
        /// Which names belong to which provider.
        public var catalogue: ProviderCatalogue
        /// What the tables are like.
        public var tables = Statistics.Options()
        /// The most groups of one kind that are kept in mind.
        public var groupsMax = 1 << 18
        /// How many domains are kept by name, for a report; nil for none, and then not looked for.
        public var namedDomains: Int?
        /// How many threads read.
        public var threads = RecordFiles.threadsByDefault
        /// Whether a damaged folder is counted as far as it can be read.
        public var isPartial = false

        /// The defaults, with a catalogue.
        public init(catalogue: ProviderCatalogue) { self.catalogue = catalogue }
    }

    /// The tables.
    public let statistics: Statistics
    /// Domains by name, and what is to be mended; nil where none was asked for.
    public let faultyDomains: FaultyDomains?
    /// What the manifest says of the scan.
    public let scan: ScanIdentity
    /// How many domain records were read.
    public let domains: Int
    /// How many hosts there are: one that was observed several times counts once.
    public let hosts: Int
    /// Octets of all records, decompressed.
    public let octets: Int
    /// What a reader of the tables must know of the folder, a line each.
    public let folderCautions: [String]

    /// What a reader of the tables must know, of the folder and of the counts.
    public var cautions: [String] { folderCautions + statistics.cautions }

    /// Reads a folder, or those of a scan's shards, hosts first, then domains, on all cores; a
    /// damaged one is refused unless what is there is wanted.
    public init(folders: [String], _ options: Options) throws(FolderStatisticsError) {
        guard let suffixes = PublicSuffixList() else { throw .noPublicSuffixes }
        do throws(FolderError) {
            let folder = try ScanFolder(reading: folders, partial: options.isPartial)
            try self.init(folder, options, suffixes)
        } catch {
            throw .folder(error)
        }
    }

    private init(
        _ folder: ScanFolder, _ options: Options, _ suffixes: PublicSuffixList
    ) throws(FolderError) {
        scan = ScanIdentity(folder)
        let readHosts = try folder.read(
            .host, partial: options.isPartial, threads: options.threads,
            into: { HostState(suffixes: suffixes) }, { state, record in state.add(record) })
        let hostReading = readHosts.reading
        var hostState = hostReading.merged { $0.merge($1) }
        if hostState.observations.hasRepeated {
            hostState.totals = try Self.totals(folder, options, hostState.observations)
        }
        let directory = hostState.notes.directory(few: options.tables.thresholds.own)
        let empty = DomainTotals(
            catalogue: options.catalogue, suffixes: suffixes, directory: directory,
            groupsMax: options.groupsMax)
        let named = options.namedDomains.map { limit in
            FaultyDomains(
                limit: limit, catalogue: options.catalogue, suffixes: suffixes,
                directory: directory, groupsMax: options.groupsMax)
        }
        let (group, weight) = (options.tables.group, options.tables.weight)
        let readDomains = try folder.read(
            .domain, partial: options.isPartial, threads: options.threads,
            into: {
                DomainState(
                    reader: DomainFactReader(group: group, weight: weight), totals: empty,
                    named: named)
            },
            { state, record in state.add(record) })
        let domainReading = readDomains.reading
        let read = domainReading.merged { $0.merge($1) }
        faultyDomains = read.named
        var totals = read.totals
        totals.add(hostState.totals)
        if let group, !totals.hasGroups(otherThan: DomainFactReader.noGroup) {
            throw .refused("no record has the column '\(group)': a scan keeps it by --carry")
        }
        if let weight, !totals.hasWeights {
            throw .refused(
                "no record has a number in the column '\(weight)': a scan keeps it by --carry")
        }
        statistics = Statistics(totals, options.tables)
        domains = domainReading.records
        hosts = hostReading.records - hostState.observations.repeated
        octets = domainReading.bytes + hostReading.bytes
        folderCautions =
            folder.cautions(found: readHosts.damages + readDomains.damages)
            + [hostState.observations.caution].compactMap(\.self)
    }

    /// The counts of hosts, each by one of its records: those are read again.
    private static func totals(
        _ folder: ScanFolder, _ options: Options, _ observations: HostObservations
    ) throws(FolderError) -> HostTotals {
        let reader = HostFactReader()
        return try folder.read(
            .host, partial: options.isPartial, threads: options.threads,
            into: { HostTotals() },
            { totals, record in
                guard let facts = reader.facts(record), observations.counts(facts) else { return }
                totals.add(facts)
            }
        ).reading.merged { $0.merge($1) }
    }
}

/// Why a folder's records cannot be looked into.
public enum FolderStatisticsError: Error, Sendable {
    /// libpsl has no list.
    case noPublicSuffixes
    /// The folder holds no scan, or cannot be read.
    case folder(FolderError)

    /// The error as text.
    public var text: String {
        switch self {
        case .noPublicSuffixes: "libpsl has no Public Suffix List: install Debian's publicsuffix"
        case .folder(let error): error.description
        }
    }
}

/// What a thread has read of the hosts.
private struct HostState: Sendable {
    let suffixes: PublicSuffixList
    let reader = HostFactReader()
    var notes = HostIndexBuilder()
    var observations = HostObservations()
    var totals = HostTotals()

    mutating func add(_ record: StoredRecord) {
        guard let facts = reader.facts(record) else { return }
        totals.add(facts)
        observations.note(facts)
        notes.add(facts, suffixes: suffixes)
    }

    mutating func merge(_ other: HostState) {
        notes.merge(other.notes)
        observations.merge(other.observations)
        totals.merge(other.totals)
    }
}

/// What a thread has read of the domains.
private struct DomainState: Sendable {
    let reader: DomainFactReader
    var totals: DomainTotals
    var named: FaultyDomains?

    mutating func add(_ record: StoredRecord) {
        let facts = reader.facts(record)
        totals.add(facts)
        named?.add(facts)
    }

    mutating func merge(_ other: DomainState) {
        totals.merge(other.totals)
        if let others = other.named { named?.merge(others) }
    }
}

extension PublicSuffixList: PublicSuffixes {}
