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
        #expect(taken?.systemError == EISDIR)
        #expect(folder.names == ["taken"])
    }

    @Test("no symbolic link is written through, nor replaced")
    func links() throws {
        let path = "\(folder.path)/page"
        try AtomicFile.write("\(folder.path)/victim", Array("precious".utf8))
        try #require(symlink("victim", "\(path).new") == 0)
        try AtomicFile.write(path, Array("new".utf8))
        #expect(try folder.bytes("page") == Array("new".utf8))
        try #require(symlink("victim", "\(folder.path)/link") == 0)
        try #require(symlink("nothing", "\(folder.path)/loose") == 0)
        for name in ["link", "loose"] {
            let error = #expect(throws: ArchiveError.self) {
                try AtomicFile.write("\(folder.path)/\(name)", Array("new".utf8))
            }
            #expect(error?.reason.contains("symbolic link") == true)
        }
        #expect(try folder.bytes("victim") == Array("precious".utf8))
        #expect(Set(folder.names) == ["link", "loose", "page", "page.new", "victim"])
    }

    @Test("a name of any length can be written, and a device is written to as it is")
    func names() throws {
        let long = String(repeating: "x", count: 255)
        try AtomicFile.write("\(folder.path)/\(long)", [1])
        #expect(folder.names == [long])
        let full = #expect(throws: ArchiveError.self) { try AtomicFile.write("/dev/full", [1]) }
        #expect(full?.systemError == ENOSPC)
        try AtomicFile.write("/dev/null", [1])
        #expect(!AtomicFile.isTemporary("page.new") && AtomicFile.isTemporary(".stsurvey-1f.new"))
    }
}
