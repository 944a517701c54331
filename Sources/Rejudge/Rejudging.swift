internal import Archive
public import Networks
public import Preload
internal import RecordReading
internal import Records
public import ScanFolder

/// Judges the facts of a finished scan anew, by this version's rules and without a packet.
///
/// The new folder holds the same facts, since each record is read back whole, and new verdicts.
/// Records are read, judged and written on all cores, in their order. Memory grows with the
/// records of hosts, some 1.2 KB each.
public struct Rejudging {
    /// The preload list, where it does not lie where the scan read it.
    public var preload: PreloadFile?
    /// The files that say where addresses are; nil to keep what is recorded of it.
    public var networks: NetworkFiles?
    /// How many threads read, judge and write.
    public var threads = RecordFiles.threadsByDefault

    private let directories: [String]
    private let output: String

    /// A new judgement of the scan in a folder, or in those of its shards, to be written into the
    /// folder `output`.
    public init(_ directories: [String], output: String) {
        self.directories = directories
        self.output = output
    }

    /// Does it; leaves no folder behind where something fails.
    public func run() throws(RejudgeError) -> RejudgeReport {
        do {
            let (scan, manifest) = try finishedScan()
            return try write(scan, manifest, try preloadFile(of: manifest))
        } catch let error as PreloadError {
            throw .preload(error)
        } catch let error as FolderError {
            throw .folder(error)
        } catch {
            preconditionFailure("an error of another kind: \(error)")
        }
    }

    private func finishedScan() throws(FolderError) -> (ScanFolder, StoredManifest) {
        let folder = try ScanFolder(reading: directories)
        guard let manifest = folder.manifest, manifest.isComplete else {
            throw .refused(
                "the scan in \(folder.path) is not finished: go on with it by "
                    + "'stsurvey scan --resume \(folder.path)'")
        }
        return (folder, manifest)
    }

    /// The preload list of the scan; another one is refused.
    private func preloadFile(of manifest: StoredManifest) throws(PreloadError) -> PreloadFile? {
        guard let wanted = manifest.preload else {
            guard let preload else { return nil }
            throw .refused("this scan has no preload list, so \(preload.name) cannot be taken up")
        }
        let file: PreloadFile
        if let preload {
            file = preload
        } else {
            let octets: [UInt8]
            do throws(ArchiveError) {
                octets = try readWhole(wanted.name, limit: 1 << 28)
            } catch {
                throw .refused("the preload list is needed (--preload): \(error)")
            }
            file = try PreloadFile(name: wanted.name, octets: octets)
        }
        guard file.sha256 == wanted.sha256 else {
            throw .refused(
                "the preload list was \(wanted.sha256) in this scan and is \(file.sha256) now")
        }
        return file
    }

    /// Makes the new folder; where something fails, none is left.
    private func write(
        _ scan: ScanFolder, _ manifest: StoredManifest, _ preload: PreloadFile?
    ) throws(FolderError) -> RejudgeReport {
        var report: RejudgeReport?
        _ = try OutputFolder.create(output) { (folder) throws(FolderError) in
            do {
                report = try rejudge(scan, manifest, preload, into: folder)
            } catch let error as FolderError {
                throw error
            } catch {
                throw .unwritable("\(error)")
            }
        }
        guard let report else { preconditionFailure("a folder that is made was filled") }
        return report
    }

    private func rejudge(
        _ scan: ScanFolder, _ manifest: StoredManifest, _ preload: PreloadFile?, into folder: String
    ) throws -> RejudgeReport {
        let trustsAD = manifest.trustsAD
        let networks = networks
        let hosts = try rewrite(
            .host, of: scan, folder,
            into: { HostRecordJudge(trustsAD: trustsAD, networks: networks) }
        ) { $0.add($1, &$2) }
        let observations = hosts.reading.merged { $0.merge($1) }
        let known = observations.known
        let domains = try rewrite(
            .domain, of: scan, folder,
            into: {
                DomainRecordJudge(
                    trustsAD: trustsAD, preload: preload?.list, networks: networks,
                    completion: RecordedHosts(known: known))
            }
        ) { $0.add($1, &$2) }
        let judged = domains.reading.merged { $0.merge($1) }
        var totals = judged.totals
        totals.merge(observations.totals)
        let report = RejudgeReport(
            directory: scan.path, output: output, fromVersion: manifest.version, totals: totals,
            changedDomains: judged.changed, changedHosts: observations.changed,
            verdictChanges: judged.verdictChanges, networks: networks?.identities)
        try report.writeManifest(
            of: manifest, into: folder, domainFiles: domains.written, hostFiles: hosts.written)
        return report
    }

    /// Writes the files of one kind of record anew.
    private func rewrite<State: RecordJudge>(
        _ kind: RecordKind, of scan: ScanFolder, _ folder: String,
        into makeState: @escaping @Sendable () -> State,
        _ body: @escaping @Sendable (inout State, StoredRecord, inout [UInt8]) -> Void
    ) throws -> (reading: Reading<State>, written: [CommittedFile]) {
        let writer = try ArchiveWriter(
            directory: folder, stem: kind.rawValue, digest: fileDigest)
        let reading = try scan.rewrite(kind, threads: threads, into: makeState, body) {
            (lines) throws(ArchiveError) in try writer.append(lines)
        }
        if let failure = reading.states.lazy.compactMap(\.failure).first {
            throw FolderError.damaged("\(reading.words(for: failure.place)): \(failure.message)")
        }
        try writer.close()
        return (reading, writer.committed)
    }
}

/// Why a scan could not be judged anew.
public enum RejudgeError: Error, Hashable, Sendable {
    /// Its preload list is not there, or another one.
    case preload(PreloadError)
    /// Its folder cannot be read, or the new one not be written.
    case folder(FolderError)
}
