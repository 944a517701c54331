internal import RecordReading
public import ScanFolder

/// Checks a scan's folder: a finished one whole, an unfinished one as far as it is committed.
///
/// All records are read on all cores. Memory grows with a bit for each entry of the list and some
/// 16 bytes for each host.
public struct Verification {
    /// How many problems of a kind are told.
    public var problemLimit = 20
    /// How many threads read.
    public var threads = RecordFiles.threadsByDefault

    private let directories: [String]
    var problems = Problems(limit: 0)
    var notes: [String] = []

    /// A check of the scan in a folder, or in those of its shards.
    public init(_ directories: [String]) { self.directories = directories }

    /// Checks everything; a folder that holds no scan is an error.
    public mutating func run() throws(FolderError) -> VerificationReport {
        problems = Problems(limit: problemLimit)
        let folder =
            directories.count == 1
            ? try ScanFolder(inspecting: directories[0])
            : try ScanFolder(reading: directories, partial: true)
        for damage in folder.damages { problems.add(Problem(damage)) }
        notes = folder.notes
        if let manifest = folder.manifest, !manifest.isChecksummed {
            notes.append(
                "written by a version of stsurvey without checksums: alterations of the manifest "
                    + "and of whole frames cannot be noticed")
        }
        guard !folder.damages.contains(where: { $0.kind == .schemaVersion }),
            let expected = Expectation(folder)
        else { return report(folder, [:]) }
        if !folder.isComplete { notes.append("unfinished: checked as far as its last checkpoint") }
        checkLists(expected.lists)
        if let targets = expected.targets { return checkTargets(targets, in: folder, expected) }
        let hosts = readHosts(folder)
        let known = hostNames(hosts)
        let domains = readDomains(folder, hosts: known)
        checkIndexes(domains, expected)
        checkTotals(hosts, domains, expected)
        return report(folder, [.domain: ReadingSize(domains), .host: ReadingSize(hosts)])
    }

    // MARK: Records

    mutating func readHosts(
        _ folder: ScanFolder, countsLines: Bool = false
    ) -> Reading<HostRecordCheck> {
        let (limit, version) = (problemLimit, folder.schemaVersion)
        let result = folder.read(
            .host, threads: threads, checksVersion: false,
            into: { HostRecordCheck(limit: limit, version: version, countsLines: countsLines) }
        ) { $0.add($1) }
        add(result)
        for state in result.reading.states { problems.add(state.findings, in: result.reading) }
        return result.reading
    }

    mutating func add<State>(_ result: FolderReading<State>) {
        for damage in result.damages { problems.add(Problem(damage)) }
    }

    /// The hashes of the observations of hosts that have a record, each met once; nil where some
    /// of the records cannot be read.
    mutating func hostNames(_ reading: Reading<HostRecordCheck>) -> Set<UInt64>? {
        var names = Set<UInt64>(minimumCapacity: reading.records)
        var repeated = Set<UInt64>()
        for state in reading.states {
            for name in state.names where !names.insert(name).inserted { repeated.insert(name) }
        }
        if !repeated.isEmpty { reportRepeatedHosts(repeated, reading) }
        guard reading.isWhole else {
            notes.append("host records are damaged: references to hosts were not checked")
            return nil
        }
        return names
    }

    private mutating func readDomains(
        _ folder: ScanFolder, hosts: Set<UInt64>?
    ) -> Reading<DomainRecordCheck> {
        let (limit, version) = (problemLimit, folder.schemaVersion)
        let make = { @Sendable in DomainRecordCheck(limit: limit, version: version, hosts: hosts) }
        let result = folder.read(.domain, threads: threads, checksVersion: false, into: make) {
            $0.add($1)
        }
        add(result)
        for state in result.reading.states { problems.add(state.findings, in: result.reading) }
        return result.reading
    }
}
