internal import Archive
import Foundation
package import RecordReading
internal import Records
internal import ScanFolder

/// The folder of a scan of few domains, written as a scan writes it; it is gone with this value.
package final class SampleFolder {
    /// The states that a scan leaves a folder in.
    package enum State: String {
        case complete
        case stopped
    }

    /// Its path.
    package let path: String

    /// A folder of these domains and their hosts.
    ///
    /// Where the scan was `stopped`, the list has more domains than the folder has records. Without
    /// hosts their records are missing, and the manifest knows of none.
    package init(
        _ domains: [SampleDomain], state: State = .complete, startedAt: Int64 = 1_700_000_000,
        list: String = "list", hasHosts: Bool = true
    ) throws {
        path = NSTemporaryDirectory() + "stsurvey-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        var totals = ScanTotals()
        let hosts = (hasHosts ? domains.flatMap(\.hosts) : []).map {
            HostRecord($0, trustsAD: true)
        }
        let records = domains.enumerated().map { $1.record(at: $0, scannedAt: startedAt) }
        for host in hosts { totals.add(host) }
        for record in records { totals.add(record) }
        let domainFiles = try write(records, .domain, as: .domain)
        let hostFiles = try write(hosts, .host, as: .host)
        let entries = domains.count + (state == .complete ? 0 : 1)
        try StoredManifest.write(
            .object([
                ("version", .string("0")), ("schema_version", .integer(schemaVersion)),
                ("state", .string(state.rawValue)),
                ("started_at", .string(Timestamp(epochSeconds: startedAt).text)),
                ("ended_at", .null),
                (
                    "lists",
                    .array([
                        .object([
                            ("name", .string(list)), ("bytes", .integer(1)),
                            ("sha256", .string("\(list)'s digest")),
                        ])
                    ])
                ),
                (
                    "list_statistics",
                    .object([("entries", .integer(entries)), ("duplicates", .integer(0))])
                ),
                ("trusts_ad", .boolean(true)), ("options", .object([])),
                ("domain_files", .array(domainFiles.map(\.document))),
                ("host_files", .array(hostFiles.map(\.document))),
                ("totals", totals.document),
            ]), into: path)
        guard state == .stopped else { return }
        let progress = CommittedProgress(
            startedAt: startedAt, finished: FinishedSet(lowWater: domains.count, ranges: []),
            domainFiles: domainFiles, hostFiles: hostFiles,
            totals: ["records": ["domains": domains.count, "hosts": hosts.count]])
        let text = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
        try StoredCheckpoint.write(
            text.dropLast() + ",\"lists\":[],\"options\":{\"unique\":false}}", into: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes records of one kind in the frames of an archive.
    private func write<Root>(
        _ roots: [Root], _ schema: Schema<Root>, as kind: RecordKind
    ) throws -> [CommittedFile] {
        let writer = try ArchiveWriter(
            directory: path, stem: kind.rawValue, frameBytes: 1000, digest: fileDigest)
        let encoder = RecordEncoder(schema)
        for root in roots {
            var line = LineBuffer()
            encoder.appendLine(root, to: &line)
            try writer.append(Array(line.text.utf8))
        }
        try writer.close()
        return writer.committed
    }

    /// The records of a kind in the folder at this path, in their order.
    package static func lines(_ kind: RecordKind, at path: String) throws -> [String] {
        try ScanFolder(reading: path).read(kind, partial: false, threads: 1, into: { [] }) {
            $0.append(String(decoding: $1.text, as: UTF8.self))
        }.reading.merged { $0 += $1 }
    }

    /// The octets of a file of the folder.
    private func octets(of name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
    }

    /// Changes the octets of a file of the folder.
    package func change(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        var octets = try octets(of: name)
        change(&octets)
        try Data(octets).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
}
