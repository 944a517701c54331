import Glibc
import Testing

@testable import Archive

@Suite struct `a text that is read as records are` {
    let folder = TemporaryFolder()

    private func read(_ name: String) throws -> [String] {
        try lines(FrameQueue([ArchiveFile(framesOrText: "\(folder.path)/\(name)")]))
    }

    @Test func `gives its lines, the last with or without its line feed`() throws {
        for text in ["a\nb\nc\n", "a\nb\nc"] {
            try folder.put(Array(text.utf8), "t")
            #expect(try read("t") == ["a", "b", "c"])
        }
        try folder.put([], "t")
        #expect(try read("t") == [])
    }

    @Test func `gives whole lines across its blocks, and longer ones than a block`() throws {
        let all = (0..<200_000).map { "line \($0)" } + [String(repeating: "x", count: 3 << 20)]
        try folder.put(Array(all.joined(separator: "\n").utf8), "t")
        #expect(try read("t") == all)
    }

    @Test func `may be frames, which are found by looking`() throws {
        let writer = try ArchiveWriter(directory: folder.path, stem: "t")
        try writer.append(Array("a\nb\n".utf8))
        try writer.close()
        #expect(try read("t-00000.ndjson.zst") == ["a", "b"])
    }

    @Test func `may come from a pipe, whose lines are not held back`() throws {
        let path = "\(folder.path)/pipe"
        try #require(mkfifo(path, 0o600) == 0)
        // Open for reading too, so that opening does not wait for the other end.
        let writer = try Descriptor(path, O_RDWR)
        func put(_ text: String) {
            let octets = Array(text.utf8)
            #expect(Glibc.write(writer.number, octets, octets.count) == octets.count)
        }
        put("a\nb\nc")
        let decoder = FrameDecoder(FrameQueue([ArchiveFile(framesOrText: path)]))
        #expect(try decoder.next() != nil)
        #expect(decoder.content.elementsEqual("a\nb\n".utf8))
        put("d\n")
        #expect(try decoder.next()?.frame == 1)
        #expect(decoder.content.elementsEqual("cd\n".utf8))
    }

    @Test func `is no folder`() {
        let queue = FrameQueue([ArchiveFile(framesOrText: folder.path)])
        #expect(throws: ArchiveError.self) { try FrameDecoder(queue).next() }
    }
}
