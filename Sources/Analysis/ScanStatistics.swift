internal import Archive
public import PublicSuffix
internal import RecordReading
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
        /// How many threads read.
        public var threads = RecordFiles.threadsByDefault

        /// The defaults, with a catalogue.
        public init(catalogue: ProviderCatalogue) { self.catalogue = catalogue }
    }

    /// The tables.
    public let statistics: Statistics
    /// What the manifest tells of the scan.
    public let scan: ScanIdentity
    /// How many domain records were read.
    public let domains: Int
    /// How many host records were read.
    public let hosts: Int
    /// Octets of all records, decompressed.
    public let octets: Int
    /// What could not be read, in words; empty where all could.
    public let problems: [String]

    /// Reads a folder, hosts first, then domains, on all cores.
    public init(folder: String, _ options: Options) throws(AnalysisError) {
        guard let suffixes = PublicSuffixList() else { throw .noPublicSuffixes }
        scan = try ScanIdentity(folder: folder)
        let hostReading = try Self.files(folder, .host).read(
            threads: options.threads, into: { HostState(suffixes: suffixes) },
            { state, record in state.add(record) })
        let hostState = hostReading.merged { $0.merge($1) }
        let directory = hostState.notes.directory(few: options.tables.thresholds.own)
        let empty = Census(
            catalogue: options.catalogue, suffixes: suffixes, directory: directory,
            groupsMax: options.groupsMax)
        let domainReading = try Self.files(folder, .domain).read(
            threads: options.threads, into: { DomainState(census: empty) },
            { state, record in state.census.add(state.reader.facts(record)) })
        var census = domainReading.merged { $0.census.merge($1.census) }.census
        census.add(hostState.census)
        statistics = Statistics(census, options.tables)
        domains = domainReading.records
        hosts = hostReading.records
        octets = domainReading.bytes + hostReading.bytes
        problems = scan.problems(hostReading) + scan.problems(domainReading)
    }

    private static func files(
        _ folder: String, _ kind: RecordKind
    ) throws(AnalysisError) -> RecordFiles {
        do {
            let files = try RecordFiles(directory: folder, kind: kind)
            guard kind == .host || !files.files.isEmpty else {
                throw AnalysisError.folder("\(folder): no domains-*.ndjson.zst, so no scan")
            }
            return files
        } catch let error as AnalysisError {
            throw error
        } catch {
            throw .folder("\(error)")
        }
    }
}

/// Why a folder's records cannot be looked into.
public enum AnalysisError: Error, Sendable {
    /// libpsl has no list.
    case noPublicSuffixes
    /// The folder cannot be read, or holds no scan: why.
    case folder(String)

    /// The error in words.
    public var text: String {
        switch self {
        case .noPublicSuffixes: "libpsl has no Public Suffix List: install Debian's publicsuffix"
        case .folder(let reason): reason
        }
    }
}

/// What a thread has read of the hosts.
private struct HostState: Sendable {
    let suffixes: PublicSuffixList
    let reader = HostFactReader()
    var notes = HostNotes()
    var census = HostCensus()

    mutating func add(_ record: RecordReading.Record) {
        guard let facts = reader.facts(record) else { return }
        census.add(facts)
        notes.add(facts, suffixes: suffixes)
    }

    mutating func merge(_ other: HostState) {
        notes.merge(other.notes)
        census.merge(other.census)
    }
}

/// What a thread has read of the domains.
private struct DomainState: Sendable {
    let reader = DomainFactReader()
    var census: Census
}

extension PublicSuffixList: PublicSuffixes {}
