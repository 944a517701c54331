import Testing

@testable import Archive

@Suite("Archives as they are read back")
struct FrameQueueTests {
    let folder = TemporaryFolder()

    /// A file of two frames, `a` and `b` in the first and `c` in the second; and where that begins.
    private func twoFrames() throws -> (bytes: [UInt8], firstBytes: Int) {
        let writer = try ArchiveWriter(directory: folder.path, stem: "t")
        try writer.append(Array("a\nb\n".utf8))
        try writer.flush()
        let first = writer.committed.first?.bytes ?? 0
        try writer.append(Array("c\n".utf8))
        try writer.close()
        return (try folder.bytes("t-00000.ndjson.zst"), first)
    }

    @Test("a torn tail is told, and no line of it is given")
    func tornTail() throws {
        let (bytes, first) = try twoFrames()
        for kept in (first + 1)..<bytes.count {
            try folder.put(Array(bytes[..<kept]), "t-00000.ndjson.zst")
            let frames = try queue(of: folder, "t")
            #expect(try lines(frames) == ["a", "b"])
            #expect(frames.tornTails.map(\.wholeBytes) == [first])
            #expect(frames.tornTails.map(\.tornBytes) == [kept - first])
        }
    }

    @Test("a file cut at a frame's end is whole")
    func wholeFrames() throws {
        let (bytes, first) = try twoFrames()
        try folder.put(Array(bytes[..<first]), "t-00000.ndjson.zst")
        let frames = try queue(of: folder, "t")
        #expect(try lines(frames) == ["a", "b"])
        #expect(frames.tornTails.isEmpty)
    }

    @Test("a file without any frame is torn: no archive is left so")
    func noFrame() throws {
        try folder.put([], "t-00000.ndjson.zst")
        let frames = try queue(of: folder, "t")
        #expect(try lines(frames) == [])
        #expect(frames.tornTails.map(\.wholeBytes) == [0])
    }

    @Test("files after a torn one are read")
    func tornFileInTheMiddle() throws {
        let (bytes, _) = try twoFrames()
        try folder.put(Array(bytes.dropLast()), "t-00000.ndjson.zst")
        try folder.put(bytes, "t-00001.ndjson.zst")
        let frames = try queue(of: folder, "t")
        #expect(try lines(frames) == ["a", "b", "a", "b", "c"])
        #expect(frames.tornTails.map(\.path) == ["\(folder.path)/t-00000.ndjson.zst"])
    }

    @Test("corrupt data is an error that names the frame")
    func corrupt() throws {
        var (bytes, first) = try twoFrames()
        bytes[bytes.count - 1] ^= 1  // the checksum of the second frame
        try folder.put(bytes, "t-00000.ndjson.zst")
        try folder.put(bytes, "t-00001.ndjson.zst")
        let frames = try queue(of: folder, "t")
        let decoder = FrameDecoder(frames)
        #expect(try decoder.next()?.frame == 0)
        let error = #expect(throws: ArchiveError.self) { try decoder.next() }
        #expect(error?.reason.hasSuffix("frame 2 at byte \(first)") == true)
        #expect(try decoder.next()?.file == 1)  // the next file
    }

    @Test("frames larger than any buffer come whole")
    func largeFrames() throws {
        let writer = try ArchiveWriter(directory: folder.path, stem: "t")
        var state: UInt32 = 1
        let records = (0..<20_000).map { number in
            state = state &* 1_664_525 &+ 1_013_904_223
            return "{\"index\":\(number),\"noise\":\"\(state)\(state &* 2_654_435_761)\"}"
        }
        try writer.append(Array((records.joined(separator: "\n") + "\n").utf8))
        try writer.close()
        #expect(try lines(queue(of: folder, "t")) == records)
    }

    @Test(
        "the files of an archive are told by their names",
        arguments: [
            ("t-00000.ndjson.zst", 0),
            ("t-00012.ndjson.zst", 12),
            ("t-123456.ndjson.zst", 123_456),  // beyond five digits
            ("t-0.ndjson.zst", nil),  // too few digits
            ("t-000001.ndjson.zst", nil),  // too many
            ("t-+0001.ndjson.zst", nil),  // no digits
            ("t-00000.ndjson.zst.new", nil),  // not finished
            ("tt-00000.ndjson.zst", nil),  // another stem
        ] as [(String, Int?)])
    func names(name: String, number: Int?) {
        #expect(ArchiveName.number(name, of: "t") == number)
    }
}
