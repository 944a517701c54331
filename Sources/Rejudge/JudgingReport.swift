internal import Archive
internal import Glibc
internal import Networks
internal import Preload
internal import RecordReading
internal import Records
internal import ScanFolder

/// What came of judging domains by the hosts of other records.
public struct JudgingReport: Sendable {
    let domains: [String]
    let hosts: [String]
    let policies: [String]
    /// The folder; nil where the records went elsewhere.
    let output: String?
    let trustsAD: Bool
    var totals: ScanTotals
    let hostsUsed: Int
    let hostsKnown: Int
    let missingHosts: Int
    let missingPolicies: Int
    /// The files that say where addresses are; nil where what is recorded stays.
    let networks: [NetworkFileIdentity]?
    let preload: PreloadFile?

    /// The report for people; names in it may still hold what steers a terminal.
    public var lines: [String] {
        let domains = grouped(totals.domainCount)
        let place = output.map { " into \($0)" } ?? ""
        return [
            "\(domains) domains judged by \(grouped(hostsUsed)) of \(grouped(hostsKnown)) hosts"
                + place
        ]
    }

    /// What a reader of the records must know.
    public var cautions: [String] {
        var cautions: [String] = []
        if missingHosts > 0 {
            cautions.append(
                "MX hosts without a record count as not probed (\(grouped(missingHosts)) times)")
        }
        if missingPolicies > 0 {
            cautions.append(
                "\(grouped(missingPolicies)) policies without a record count as not fetched")
        }
        if !trustsAD {
            cautions.append(
                "DANE is 'unknown': AD bits do not count of all records (see --trust-ad)")
        }
        return cautions
    }

    /// Writes the manifest of a folder of judged records: that of the one folder of domains, else
    /// one of its own.
    func writeManifest(
        of sources: [RecordSource], into folder: String, firstScannedAt: Int64,
        domainFiles: [CommittedFile], hostFiles: [CommittedFile]
    ) throws {
        var members: ManifestMembers
        if sources.count == 1, let manifest = sources[0].folder?.manifest {
            members = try ManifestMembers(manifest)
        } else {
            members = ownMembers(firstScannedAt)
        }
        members.setFiles(domainFiles, hostFiles, totals)
        members.set(ManifestKey.cautions.name, .array(cautions.map { .string($0) }))
        members.set(ManifestKey.trustsAD.name, .boolean(trustsAD))
        if let networks {
            members.set(ManifestKey.networkFiles.name, .array(networks.map(\.document)))
        }
        members.set("judged", document)
        try members.write(into: folder)
    }

    /// The members of a manifest of records of several sources, or of pipes: the entries of the
    /// lists are not known, so the records are chosen ones.
    private func ownMembers(_ firstScannedAt: Int64) -> ManifestMembers {
        let now = Int64(time(nil))
        let start = firstScannedAt == .max ? now : firstScannedAt
        let list = preload.map {
            FileIdentity(name: $0.name, bytes: $0.bytes, sha256: $0.sha256).document
        }
        return ManifestMembers([
            ("program", .string("stsurvey")),
            (ManifestKey.version.name, .string(programVersion)),
            (ManifestKey.schemaVersion.name, .integer(schemaVersion)),
            (ManifestKey.state.name, .string(ScanState.complete.rawValue)),
            (ManifestKey.startedAt.name, .string(Timestamp(epochSeconds: start).text)),
            (ManifestKey.endedAt.name, .string(Timestamp(epochSeconds: now).text)),
            (ManifestKey.lists.name, .array([])),
            (
                ManifestKey.listStatistics.name,
                .object([
                    (ManifestKey.entries.name, .integer(totals.domainCount)),
                    (ManifestKey.duplicates.name, .integer(0)),
                ])
            ),
            (ManifestKey.selectedEntries.name, .integer(totals.domainCount)),
            (ManifestKey.options.name, .object([(ManifestKey.preload.name, list ?? .null)])),
        ])
    }

    private var document: JSONDocument {
        func names(_ names: [String]) -> JSONDocument { .array(names.map { .string($0) }) }
        return .object([
            ("domains", names(domains)), ("hosts", names(hosts)), ("policies", names(policies)),
            ("at", .string(Timestamp(epochSeconds: Int64(time(nil))).text)),
            ("hosts_missing", .integer(missingHosts)),
            ("policies_missing", .integer(missingPolicies)),
        ])
    }
}
