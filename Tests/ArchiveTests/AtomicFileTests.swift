import Glibc
import Testing

@testable import Archive

@Suite("Files that are there whole or not at all")
struct AtomicFileTests {
    let folder = TemporaryFolder()

    @Test("the new content takes the place of the old, and nothing else stays")
    func replaces() throws {
        try AtomicFile.write("\(folder.path)/manifest.json", Array("old and longer".utf8))
        try AtomicFile.write("\(folder.path)/manifest.json", Array("new".utf8))
        #expect(try folder.bytes("manifest.json") == Array("new".utf8))
        #expect(folder.names == ["manifest.json"])
    }

    @Test("a failure names the file, and leaves nothing behind")
    func fails() throws {
        let error = #expect(throws: ArchiveError.self) {
            try AtomicFile.write("/nonexistent/manifest.json", [])
        }
        #expect(error?.operation == .create)
        #expect(error?.systemError == ENOENT)
        try #require(mkdir("\(folder.path)/taken", 0o755) == 0)
        defer { rmdir("\(folder.path)/taken") }
        let taken = #expect(throws: ArchiveError.self) {
            try AtomicFile.write("\(folder.path)/taken", [])
        }
        #expect(taken?.operation == .rename)
        #expect(folder.names == ["taken"])
    }
}
