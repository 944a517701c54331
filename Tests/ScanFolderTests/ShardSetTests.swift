import Archive
import Foundation
import RecordReading
import Records
import Testing

@testable import ScanFolder

/// The folder of a scan of one shard of a list of entries, with a record of one key for each.
private final class ShardFolder {
    let path = NSTemporaryDirectory() + "stsurvey-shard-\(UUID().uuidString)"

    init(
        _ shard: String, entries: Int = 10, state: String = "complete", digest: String = "a",
        options: [(key: String, value: JSONDocument)] = []
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let part = try #require(ListShard(shard))
        let indexes = (0..<entries).filter(part.contains)
        let domains = try write(indexes.map { "\"index\":\($0)" }, "domains")
        let hosts = try write(["\"observation\":\(part.globalNumber(1))"], "hosts")
        try StoredManifest.write(
            .object([
                ("version", .string("0")), ("schema_version", .integer(schemaVersion)),
                ("state", .string(state)),
                ("started_at", .string("2026-01-0\(part.index + 1)T00:00:00Z")),
                ("ended_at", .string("2026-02-0\(part.index + 1)T00:00:00Z")),
                (
                    "lists",
                    .array([
                        .object([
                            ("name", .string("list")), ("bytes", .integer(1)),
                            ("sha256", .string(digest)),
                        ])
                    ])
                ),
                (
                    "list_statistics",
                    .object([("entries", .integer(entries)), ("duplicates", .integer(0))])
                ),
                ("selected_entries", .integer(indexes.count)),
                ("cautions", .array([.string("both"), .string("of \(shard)")])),
                ("name_servers", .array([.string("192.0.2.\(part.index)")])),
                (
                    "options",
                    .object(
                        [("output", .string(path)), ("shard", .string(shard))] + options)
                ),
                ("domain_files", .array(domains.map(\.document))),
                ("host_files", .array(hosts.map(\.document))),
                (
                    "totals",
                    .object([
                        ("domains", .integer(indexes.count)), ("hosts", .integer(1)),
                        ("verdict", .object([("unknown", .integer(indexes.count))])),
                    ])
                ),
            ]), into: path)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    private func write(_ members: [String], _ stem: String) throws -> [CommittedFile] {
        let writer = try ArchiveWriter(
            directory: path, stem: stem, rotateBytes: 1, digest: fileDigest)
        for member in members {
            try writer.append(Array("{\"schema_version\":\(schemaVersion),\(member)}\n".utf8))
            try writer.flush()
        }
        try writer.close()
        return writer.committed
    }

    /// Alters the last octet of a file.
    func alter(_ name: String) throws {
        let url = URL(fileURLWithPath: "\(path)/\(name)")
        var octets = try Data(contentsOf: url)
        octets[octets.endIndex - 1] ^= 1
        try octets.write(to: url)
    }
}

@Suite("Shards of a scan")
struct ShardSetTests {
    private func refusal(_ folders: [ShardFolder], fixedOptions: [String] = []) -> String {
        let output = NSTemporaryDirectory() + "stsurvey-merged-\(UUID().uuidString)"
        let error = #expect(throws: FolderError.self) {
            try ShardMerge(folders.map(\.path), into: output, fixedOptions: fixedOptions)
        }
        #expect(!FileManager.default.fileExists(atPath: output))
        return error?.description ?? ""
    }

    @Test("a shard has a text", arguments: ["0/1", "3/8", "99999/100000"])
    func texts(text: String) { #expect(ListShard(text)?.description == text) }

    @Test(
        "what names no shard is none",
        arguments: [
            "", "1", "/", "1/", "/2", "2/2", "8/8", "-1/8", "0/0", "1/100001", "1/2/3", "a/b",
        ])
    func refusedTexts(text: String) { #expect(ListShard(text) == nil) }

    @Test("each index is of one shard, and no two observations of all have one number")
    func disjoint() {
        let shards = (0..<8).compactMap { ListShard("\($0)/8") }
        for index in 0..<100 { #expect(shards.count { $0.contains(index) } == 1) }
        let numbers = shards.flatMap { shard in (1...50).map(shard.globalNumber) }
        #expect(Set(numbers).count == numbers.count)
    }

    @Test("all shards become one folder, whose manifest has their sums and what differs")
    func merged() throws {
        let folders = try (0..<3).map {
            try ShardFolder(
                "\($0)/3", options: [("threads", .integer($0)), ("probe", .string("all"))])
        }
        let output = NSTemporaryDirectory() + "stsurvey-merged-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: output) }
        let merge = try ShardMerge(
            folders.reversed().map(\.path), into: output, fixedOptions: ["probe"])
        #expect(merge.shards == 3 && merge.domains == 10 && merge.hosts == 3 && merge.files == 13)
        let folder = try ScanFolder(reading: output)
        #expect(folder.damages.isEmpty && folder.isComplete)
        let manifest = try #require(folder.manifest)
        #expect(manifest.entries == 10 && manifest.selected == nil && manifest.shard == nil)
        #expect(manifest.startedAt == "2026-01-01T00:00:00Z")
        #expect(manifest.endedAt == "2026-02-03T00:00:00Z")
        #expect(manifest.totals["verdict"] == ["unknown": 10])
        #expect(manifest.cautions == ["both", "of 0/3", "of 1/3", "of 2/3"])
        let text = String(decoding: manifest.text, as: UTF8.self)
        #expect(text.contains("\"options.threads\": 2") && text.contains("\"threads\": null"))
        #expect(text.contains("\"probe\": \"all\""))
        let indexes = try folder.read(.domain, partial: false, threads: 1, into: { [Int]() }) {
            $0.append($1.value["index"]?.int ?? -1)
        }.reading.merged { $0 += $1 }
        #expect(indexes == [0, 3, 6, 9, 1, 4, 7, 2, 5, 8])
    }

    @Test("a set that is not whole is refused, and says which shards are missing or there twice")
    func incomplete() throws {
        let (one, two) = (try ShardFolder("0/4"), try ShardFolder("2/4"))
        #expect(
            refusal([one, two])
                == "shards 1/4, 3/4 are missing: name the folders of all 4 shards")
        let again = try ShardFolder("2/4")
        let text = refusal([one, two, again])
        #expect(text.contains("are both shard 2/4: name each shard once"))
        #expect(text.contains(two.path) && text.contains(again.path))
    }

    @Test("folders that are no shards of one scan are refused by name")
    func strangers() throws {
        let one = try ShardFolder("0/2", options: [("probe", .string("all"))])
        let ofThree = try ShardFolder("1/3")
        #expect(
            refusal([one, ofThree]).hasPrefix(
                "\(ofThree.path) is shard 1/3, and \(one.path) is shard 0/2"))
        let ofList = try ShardFolder("1/2", digest: "b", options: [("probe", .string("all"))])
        #expect(
            refusal([one, ofList]).hasPrefix("\(ofList.path) differs from \(one.path) in 'lists'"))
        let ofOption = try ShardFolder("1/2", options: [("probe", .string("none"))])
        #expect(
            refusal([one, ofOption], fixedOptions: ["probe"]).contains(
                "in 'options.probe': \"none\", not \"all\""))
        let stopped = try ShardFolder("1/2", state: "stopped")
        #expect(refusal([one, stopped]).contains(stopped.path))
    }

    @Test("a file that was altered is refused by name before anything is made")
    func altered() throws {
        let (one, two) = (try ShardFolder("0/2"), try ShardFolder("1/2"))
        try two.alter("hosts-00000.ndjson.zst")
        #expect(refusal([one, two]).contains("\(two.path)/hosts-00000.ndjson.zst was altered"))
    }

    @Test("some of the shards are read as one folder, which says what is missing")
    func readTogether() throws {
        let (one, two) = (try ShardFolder("0/3"), try ShardFolder("2/3"))
        let folder = try ScanFolder(reading: [two.path, one.path])
        #expect(folder.notes == ["shard 1/3 is missing"])
        #expect(folder.manifest?.selected == 7)
        #expect(folder.path == "\(one.path), \(two.path)")
        let reading = folder.read(.domain, threads: 2, into: { 0 }, { count, _ in count += 1 })
        #expect(reading.damages.isEmpty && reading.reading.records == 7)
    }
}
