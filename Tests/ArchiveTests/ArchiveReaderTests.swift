import Testing

@testable import Archive

@Suite("Archives as they are read back")
struct ArchiveReaderTests {
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
            let reader = try ArchiveReader(directory: folder.path, stem: "t")
            #expect(try lines(reader) == ["a", "b"])
            #expect(reader.tornTails.map(\.wholeBytes) == [first])
            #expect(reader.tornTails.map(\.tornBytes) == [kept - first])
        }
    }

    @Test("a file cut at a frame's end is whole")
    func wholeFrames() throws {
        let (bytes, first) = try twoFrames()
        try folder.put(Array(bytes[..<first]), "t-00000.ndjson.zst")
        let reader = try ArchiveReader(directory: folder.path, stem: "t")
        #expect(try lines(reader) == ["a", "b"])
        #expect(reader.tornTails.isEmpty)
    }

    @Test("a file without any frame is torn: no archive is left so")
    func noFrame() throws {
        try folder.put([], "t-00000.ndjson.zst")
        let reader = try ArchiveReader(directory: folder.path, stem: "t")
        #expect(try lines(reader) == [])
        #expect(reader.tornTails.map(\.wholeBytes) == [0])
    }

    @Test("files after a torn one are read")
    func tornFileInTheMiddle() throws {
        let (bytes, _) = try twoFrames()
        try folder.put(Array(bytes.dropLast()), "t-00000.ndjson.zst")
        try folder.put(bytes, "t-00001.ndjson.zst")
        let reader = try ArchiveReader(directory: folder.path, stem: "t")
        #expect(try lines(reader) == ["a", "b", "a", "b", "c"])
        #expect(reader.tornTails.map(\.path) == ["\(folder.path)/t-00000.ndjson.zst"])
    }

    @Test("corrupt data is an error that names the last whole frame")
    func corrupt() throws {
        var (bytes, first) = try twoFrames()
        bytes[bytes.count - 1] ^= 1  // the checksum of the second frame
        try folder.put(bytes, "t-00000.ndjson.zst")
        try folder.put(bytes, "t-00001.ndjson.zst")
        let reader = try ArchiveReader(directory: folder.path, stem: "t")
        #expect(try reader.next().map(Array.init) == [UInt8(ascii: "a")])
        #expect(try reader.next().map(Array.init) == [UInt8(ascii: "b")])
        let error = #expect(throws: ArchiveError.self) { try reader.next() }
        #expect(error?.reason.hasSuffix("the last whole frame ends at byte \(first)") == true)
        #expect(try reader.next().map(Array.init) == [UInt8(ascii: "a")])  // the next file
    }

    @Test("lines may cross frames, and the last may lack its line feed")
    func foreignFrames() throws {
        let compressor = Compressor(level: 3)
        var bytes: [UInt8] = []
        for part in ["a", "b\n", "", "c"] {
            try compressor.withFrame(of: Array(part.utf8)) { (frame) throws(ArchiveError) in
                bytes += frame
            }
        }
        try folder.put(bytes, "t-00000.ndjson.zst")
        try folder.put(bytes, "t-00001.ndjson.zst")
        let reader = try ArchiveReader(directory: folder.path, stem: "t")
        #expect(try lines(reader) == ["ab", "c", "ab", "c"])
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
        #expect(try lines(ArchiveReader(directory: folder.path, stem: "t")) == records)
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
