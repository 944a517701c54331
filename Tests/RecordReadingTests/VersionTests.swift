import Archive
import Glibc
import RecordReading
import Records
import Testing

@Suite("The schema version of records that are read")
struct VersionTests {
    private func faults(_ lines: [String], checksVersion: Bool) throws -> [String] {
        var template = Array("/tmp/stsurvey-version-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let writer = try ArchiveWriter(directory: path, stem: "domains")
        for line in lines { try writer.append(Array((line + "\n").utf8)) }
        try writer.close()
        defer {
            unlink("\(path)/domains-00000.ndjson.zst")
            rmdir(path)
        }
        let files = RecordFiles(
            [ArchiveFile("\(path)/domains-00000.ndjson.zst")], checksVersion: checksVersion)
        let reading = files.read(threads: 1, into: { 0 }) { count, _ in count += 1 }
        #expect(reading.states[0] == lines.count - reading.faults.count)
        return reading.faults.first.map { fault in
            guard case .line(let place, let words) = fault else { return "no line" }
            return "\(place.line): \(words)"
        }
    }

    @Test("another version, and none, are faults where that is to be checked")
    func otherVersions() throws {
        let lines = [
            "{\"schema_version\":\(schemaVersion),\"index\":0}",
            "{\"index\":1,\"schema_version\":\(schemaVersion)}",
            "{\"schema_version\":\(schemaVersion + 1),\"index\":2}", "{\"index\":3}",
        ]
        #expect(try faults(lines, checksVersion: false) == [])
        #expect(
            try faults(lines, checksVersion: true) == [
                "2: has schema version \(schemaVersion + 1), this program reads "
                    + "1 to \(schemaVersion)",
                "3: has no schema version",
            ])
    }

    @Test("an archive without lines has no records and no faults")
    func empty() throws { #expect(try faults([], checksVersion: true) == []) }
}
