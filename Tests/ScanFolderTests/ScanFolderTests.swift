import Archive
import Foundation
import Glibc
import RecordReading
import Records
import Testing

@testable import ScanFolder

/// A scan's folder of two files of domains, made as a scan does.
private final class Folder {
    let path: String
    private(set) var files: [CommittedFile] = []
    private var hosts: [CommittedFile] = []

    init(_ state: String) throws {
        var template = Array("/tmp/stsurvey-folder-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "mkdtemp: \(errno)")
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let writer = try ArchiveWriter(
            directory: path, stem: "domains", rotateBytes: 1, frameBytes: 1 << 20,
            digest: fileDigest)
        for index in 0..<2 {
            try writer.append(
                Array("{\"schema_version\":\(schemaVersion),\"index\":\(index)}\n".utf8))
            try writer.flush()
        }
        try writer.close()
        files = writer.committed
        let hostWriter = try ArchiveWriter(directory: path, stem: "hosts", digest: fileDigest)
        try hostWriter.close()
        hosts = hostWriter.committed
        try writeManifest(state)
        if state != "complete" { try writeCheckpoint() }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func writeManifest(_ state: String) throws {
        try StoredManifest.write(
            .object([
                ("version", .string("0")), ("schema_version", .integer(schemaVersion)),
                ("state", .string(state)), ("started_at", .string("1970-01-01T00:00:07Z")),
                ("lists", .array([])), ("options", .object([])),
                (
                    "list_statistics",
                    .object([("entries", .integer(2)), ("duplicates", .integer(0))])
                ),
                ("domain_files", .array(files.map(\.document))),
                ("host_files", .array(hosts.map(\.document))),
                ("totals", .object([("domains", .integer(2)), ("hosts", .integer(0))])),
            ]), into: path)
    }

    func writeCheckpoint() throws {
        let progress = CommittedProgress(
            startedAt: 7, finished: FinishedSet(lowWater: 2, ranges: []), domainFiles: files,
            hostFiles: hosts, totals: ["records": ["domains": 2, "hosts": 0]])
        let text = String(decoding: try JSONEncoder().encode(progress), as: UTF8.self)
        try StoredCheckpoint.write(
            text.dropLast() + ",\"lists\":[],\"options\":{\"unique\":false}}", into: path)
    }

    /// Changes the octets of a file.
    func change(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        var octets = [UInt8](try Data(contentsOf: url))
        change(&octets)
        try Data(octets).write(to: url)
    }

    func replace(_ name: String, _ with: String, by other: String) throws {
        try change(name) {
            let text = String(decoding: $0, as: UTF8.self)
            precondition(text.contains(with), "\(name) has no \(with)")
            $0 = Array(text.replacingOccurrences(of: with, with: other).utf8)
        }
    }

    var damages: [Damage.Kind] {
        get throws { try ScanFolder(inspecting: path).damages.map(\.kind) }
    }

    /// What reading the records finds.
    var found: [Damage.Kind] {
        get throws {
            let folder = try ScanFolder(inspecting: path)
            return RecordKind.allCases.flatMap { kind in
                folder.read(kind, threads: 2, into: { 0 }) { _, _ in }.damages.map(\.kind)
            }
        }
    }
}

@Suite("The states of a scan's folder")
struct ScanFolderTests {
    @Test(
        "whole and unfinished folders have no damage",
        arguments: ["complete", "stopped", "running"])
    func sound(state: String) throws {
        let folder = try Folder(state)
        #expect(try folder.damages == [])
        #expect(try folder.found == [])
        let opened = try ScanFolder(reading: folder.path)
        #expect(opened.isComplete == (state == "complete"))
        #expect(opened.cautions().isEmpty == (state == "complete"))
    }

    @Test("other files are no damage and are noted")
    func otherFiles() throws {
        let folder = try Folder("complete")
        for name in [
            "README.md", "report.html", "SHA256SUMS", "manifest.json.new-1", "domains.csv",
        ] {
            try Data().write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
        }
        let opened = try ScanFolder(reading: folder.path)
        #expect(
            opened.notes == [
                "left by a write that was interrupted: manifest.json.new-1",
                "not of the scan: README.md, SHA256SUMS, domains.csv, report.html",
            ])
    }

    @Test("a file that is gone, cut, grown, copied or something else is a damage")
    func files() throws {
        let first = "domains-00000.ndjson.zst"
        let trials: [(Damage.Kind, (Folder) throws -> Void)] = [
            (.missingFile, { unlink("\($0.path)/\(first)") }),
            (.fileLength, { try $0.change(first) { $0.removeLast() } }),
            (.fileLength, { try $0.change(first) { $0 = [] } }),
            (.strayFile, { link("\($0.path)/\(first)", "\($0.path)/domains-00002.ndjson.zst") }),
            (
                .strayFile,
                { link("\($0.path)/\(first)", "\($0.path)/domains-00000 (copy).ndjson.zst") }
            ),
            (
                .unreadableFile,
                {
                    unlink("\($0.path)/\(first)")
                    mkfifo("\($0.path)/\(first)", 0o600)
                }
            ),
            (
                .unreadableFile,
                {
                    unlink("\($0.path)/\(first)")
                    mkdir("\($0.path)/\(first)", 0o700)
                }
            ),
            (
                .manifest,
                {
                    unlink("\($0.path)/manifest.json")
                    mkfifo("\($0.path)/manifest.json", 0o600)
                }
            ),
        ]
        for (kind, damage) in trials {
            let folder = try Folder("complete")
            try damage(folder)
            #expect(try folder.damages.contains(kind))
            #expect(throws: FolderError.self) { try ScanFolder(reading: folder.path) }
            #expect(throws: Never.self) { try ScanFolder(reading: folder.path, partial: true) }
        }
    }

    @Test("a bit that decoders pay no heed to is found by the digest")
    func digest() throws {
        let folder = try Folder("complete")
        try folder.change("domains-00001.ndjson.zst") { $0[4] ^= 0b0001_0000 }
        #expect(try folder.damages == [])
        #expect(try folder.found == [.fileDigest])
    }

    @Test("an altered manifest or checkpoint is a damage", arguments: ["complete", "stopped"])
    func altered(state: String) throws {
        let folder = try Folder(state)
        try folder.replace("manifest.json", "\"version\": \"0\"", by: "\"version\": \"1\"")
        #expect(try folder.damages == [.manifest])
        try folder.writeManifest(state)
        guard state == "stopped" else { return }
        try folder.replace("checkpoint.json", "\"unique\":false", by: "\"unique\":true")
        #expect(try folder.damages == [.checkpoint])
    }

    @Test("another schema version is refused in any case, with both versions")
    func version() throws {
        let folder = try Folder("complete")
        try folder.replace(
            "manifest.json", "\"schema_version\": \(schemaVersion)",
            by: "\"schema_version\": \(schemaVersion + 1)")
        let error = #expect(throws: FolderError.self) {
            try ScanFolder(reading: folder.path, partial: true)
        }
        #expect(
            error?.description.contains(
                "schema version \(schemaVersion + 1), this program reads 1 to \(schemaVersion)")
                == true)
    }

    @Test("a folder of an earlier version is read with a caution")
    func earlierVersion() throws {
        let folder = try Folder("complete")
        try folder.change("manifest.json") {
            let lines = String(decoding: $0, as: UTF8.self).split(separator: "\n").dropLast(2)
            let text = (lines.joined(separator: "\n").dropLast() + "\n}\n")
                .replacingOccurrences(
                    of: ",\\s*\"sha256\": \"[0-9a-f]*\"", with: "", options: .regularExpression)
            $0 = Array(text.utf8)
        }
        let opened = try ScanFolder(reading: folder.path)
        #expect(opened.cautions().count == 1)
        #expect(try folder.found == [])
    }

    @Test("the checksum is that of the text before its line")
    func checksum() {
        let text = ChecksumLine.appended(to: "{\n  \"a\": 1\n}")
        // printf '{\n  "a": 1,\n' | sha256sum
        let digest = "258d97188c1e1b71d2c4210444fd72c3cf58a6d7d799180006273b33f2d1d054"
        #expect(
            String(decoding: text, as: UTF8.self)
                == "{\n  \"a\": 1,\n  \"sha256\": \"\(digest)\"\n}\n")
        #expect(ChecksumLine.check(text) == .matches)
        var other = text
        other[8] ^= 1
        #expect(ChecksumLine.check(other) != .matches)
        #expect(ChecksumLine.check(Array("{}\n".utf8)) == .absent)
    }
}

@Suite("Going on with a scan")
struct ResumptionTests {
    @Test("what is committed must be there as it was written, and nothing else like it")
    func damages() throws {
        let sound = try Folder("stopped")
        #expect(throws: Never.self) { try ScanFolder(resuming: sound.path, of: nil) }
        let first = "domains-00000.ndjson.zst"
        let trials: [(Folder) throws -> Void] = [
            { unlink("\($0.path)/\(first)") },
            { try $0.change(first) { $0.removeLast() } },
            { try $0.change(first) { $0[4] ^= 0b0001_0000 } },
            { try $0.change("hosts-00000.ndjson.zst") { $0[$0.count - 1] ^= 1 } },
            { link("\($0.path)/\(first)", "\($0.path)/domains-00009.ndjson.zst") },
            { try $0.replace("checkpoint.json", "\"startedAt\":7", by: "\"startedAt\":8") },
        ]
        for damage in trials {
            let folder = try Folder("stopped")
            try damage(folder)
            let error = #expect(throws: FolderError.self) {
                try ScanFolder(resuming: folder.path, of: nil)
            }
            guard case .damaged = error else {
                Issue.record("\(error.map { "\($0)" } ?? "nothing") is thrown")
                continue
            }
        }
    }

    @Test("a scan that has ended is refused, and a damaged manifest is no hindrance")
    func others() throws {
        let ended = try Folder("complete")
        let error = #expect(throws: FolderError.self) {
            try ScanFolder(resuming: ended.path, of: nil)
        }
        guard case .refused = error else {
            Issue.record("a scan that has ended is resumed")
            return
        }
        let folder = try Folder("stopped")
        unlink("\(folder.path)/manifest.json")
        let opened = try ScanFolder(resuming: folder.path, of: nil)
        #expect(opened.notes.count == 1)
    }

    @Test("a file that the writer has not committed is no hindrance, nor are bytes behind")
    func uncommitted() throws {
        let folder = try Folder("stopped")
        link("\(folder.path)/domains-00000.ndjson.zst", "\(folder.path)/domains-00002.ndjson.zst")
        try folder.change("domains-00001.ndjson.zst") { $0 += [1, 2, 3] }
        #expect(throws: Never.self) { try ScanFolder(resuming: folder.path, of: nil) }
    }
}
