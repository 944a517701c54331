internal import Archive
internal import RecordReading
internal import Scan

/// Checks a scan's folder: a finished one whole, an unfinished one as far as it is committed.
///
/// All records are read on all cores. Memory grows with a bit for each entry of the list and some
/// 16 bytes for each host.
public struct Verification {
    /// How many problems of a kind are told.
    public var problemLimit = 20
    /// How many threads read.
    public var threads = RecordFiles.threadsByDefault

    let directory: String
    var problems = Problems(limit: 0)
    var notes: [String] = []

    /// A check of the scan in a folder.
    public init(_ directory: String) { self.directory = directory }

    /// Checks everything; a folder that holds no scan is an error.
    public mutating func run() throws(VerificationError) -> VerificationReport {
        problems = Problems(limit: problemLimit)
        let names = try folderNames()
        guard let expected = expectation() else {
            return report(state: nil, hosts: nil, domains: nil)
        }
        checkNames(names, expected)
        checkLists(expected.lists)
        let hosts = readHosts(expected)
        let known = hostNames(hosts)
        let domains = readDomains(expected, hosts: known)
        checkIndexes(domains, expected)
        checkTotals(hosts, domains, expected)
        return report(state: expected.state, hosts: hosts, domains: domains)
    }

    private func folderNames() throws(VerificationError) -> [String] {
        let names: [String]
        do throws(ArchiveError) {
            names = try fileNames(in: directory)
        } catch {
            throw error.isMissing
                ? .noScan("there is no folder \(directory)") : .unreadable("\(error)")
        }
        guard names.contains(where: { $0 == "manifest.json" || $0.hasSuffix(".ndjson.zst") }) else {
            throw .noScan("\(directory) holds no scan: no manifest.json, no records")
        }
        return names
    }

    /// What the folder says of itself; nil, with a problem told, where it says nothing usable.
    private mutating func expectation() -> Expectation? {
        var state = "running"
        do throws(ManifestError) {
            let manifest = try StoredManifest(directory: directory)
            if manifest.state == "complete" { return Expectation(complete: manifest) }
            state = manifest.state
        } catch {
            problems.add(Problem(.manifest, "\(error)"))
        }
        do throws(ScanError) {
            let checkpoint = try CommittedState(directory: directory)
            notes.append("unfinished: checked as far as its last checkpoint")
            return Expectation(checkpoint, state: state)
        } catch {
            problems.add(Problem(.checkpoint, "\(error)"))
            return nil
        }
    }

    // MARK: Records

    private mutating func readHosts(_ expected: Expectation) -> Reading<HostCheck> {
        let limit = problemLimit
        let files = RecordFiles(files(expected.hostFiles, expected))
        let reading = files.read(threads: threads, into: { HostCheck(limit: limit) }) {
            $0.add($1)
        }
        checkFiles(reading, expected.hostFiles)
        for state in reading.states { problems.add(state.findings, in: reading) }
        return reading
    }

    /// The hashes of the observations of hosts that have a record, each met once; nil where some
    /// of the records cannot be read.
    private mutating func hostNames(_ reading: Reading<HostCheck>) -> Set<UInt64>? {
        var names = Set<UInt64>(minimumCapacity: reading.records)
        var repeated = Set<UInt64>()
        for state in reading.states {
            for name in state.names where !names.insert(name).inserted { repeated.insert(name) }
        }
        if !repeated.isEmpty { tellRepeatedHosts(repeated, reading) }
        guard reading.isWhole else {
            notes.append("host records are damaged: references to hosts were not checked")
            return nil
        }
        return names
    }

    private mutating func readDomains(
        _ expected: Expectation, hosts: Set<UInt64>?
    ) -> Reading<DomainCheck> {
        let limit = problemLimit
        let files = RecordFiles(files(expected.domainFiles, expected))
        let make = { @Sendable in DomainCheck(limit: limit, hosts: hosts) }
        let reading = files.read(threads: threads, into: make) { $0.add($1) }
        checkFiles(reading, expected.domainFiles)
        for state in reading.states { problems.add(state.findings, in: reading) }
        return reading
    }

    /// The files that are there; of an unfinished scan as far as they are committed.
    private func files(_ committed: [CommittedFile], _ expected: Expectation) -> [ArchiveFile] {
        committed.map {
            ArchiveFile("\(directory)/\($0.name)", bytes: expected.isComplete ? nil : $0.bytes)
        }
    }
}
