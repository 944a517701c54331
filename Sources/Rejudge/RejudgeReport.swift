internal import Archive
internal import Glibc
internal import Judgement
internal import Networks
internal import RecordReading
internal import Records
internal import ScanFolder

/// What came of judging a scan anew.
public struct RejudgeReport: Sendable {
    let directory: String
    let output: String
    let fromVersion: String
    let totals: ScanTotals
    let changedDomains: Int
    let changedHosts: Int
    let verdictChanges: [VerdictChange: Int]
    /// The files that say where addresses are; nil where those of the scan stay.
    let networks: [NetworkFileIdentity]?

    /// The report for people; names in it may still hold what steers a terminal.
    public var lines: [String] {
        let domains = grouped(totals.domainCount)
        let hosts = grouped(totals.hostCount)
        var lines = [
            "\(directory), of stsurvey \(fromVersion), judged anew by \(programVersion) "
                + "into \(output)",
            "\(domains) domains, \(grouped(changedDomains)) records differ; "
                + "\(hosts) hosts, \(grouped(changedHosts)) records differ",
        ]
        lines += changes.map { change in
            "verdict \(change.old) became \(change.new): \(grouped(change.count))"
        }
        if changes.isEmpty { lines.append("no verdict differs") }
        return lines
    }

    private var changes: [(old: String, new: String, count: Int)] {
        verdictChanges.map { change, count in
            (change.old?.rawValue ?? "none", change.new?.rawValue ?? "none", count)
        }.sorted { ($1.count, $0.old, $0.new) < ($0.count, $1.old, $1.new) }
    }

    /// Writes the manifest of the scan that was judged anew, with what is new in it.
    func writeManifest(
        of manifest: StoredManifest, into folder: String, domainFiles: [CommittedFile],
        hostFiles: [CommittedFile]
    ) throws {
        var members = try ManifestMembers(manifest)
        members.setFiles(domainFiles, hostFiles, totals)
        if let networks {
            members.set(ManifestKey.networkFiles.name, .array(networks.map(\.document)))
        }
        members.set("rejudged", document)
        try members.write(into: folder)
    }

    private var document: JSONDocument {
        .object([
            ("from", .string(directory)), ("from_version", .string(fromVersion)),
            ("at", .string(Timestamp(epochSeconds: Int64(time(nil))).text)),
            ("domains_changed", .integer(changedDomains)),
            ("hosts_changed", .integer(changedHosts)),
            (
                "verdicts_changed",
                .array(
                    changes.map {
                        .object([
                            ("from", .string($0.old)), ("to", .string($0.new)),
                            ("count", .integer($0.count)),
                        ])
                    })
            ),
        ])
    }
}
