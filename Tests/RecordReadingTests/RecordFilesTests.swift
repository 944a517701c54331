import Archive
import Glibc
import RecordReading
import Testing

/// A folder with an archive of small frames, so that threads have something to share.
private struct Folder: ~Copyable {
    let path: String

    init() {
        var template = Array("/tmp/stsurvey-reading-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "mkdtemp: \(errno)")
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for number in 0..<200 { unlink(file(number)) }
        rmdir(path)
    }

    func file(_ number: Int) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: 5 - digits.count)
        return "\(path)/domains-\(zeros)\(digits).ndjson.zst"
    }

    /// Writes lines in frames of about 200 octets and files of about 1,000.
    func write(_ lines: [String], rotateBytes: Int = 1000) throws {
        let writer = try ArchiveWriter(
            directory: path, stem: "domains", rotateBytes: rotateBytes, frameBytes: 200)
        for line in lines {
            try Array((line + "\n").utf8).withUnsafeBytes { try writer.append($0) }
        }
        try writer.close()
    }

    /// Changes the octets of a file.
    func change(_ number: Int, _ change: (inout [UInt8]) -> Void) throws {
        var octets: [UInt8] = []
        let file = try #require(fopen(file(number), "r+"))
        defer { fclose(file) }
        while case let octet = getc(file), octet != EOF { octets.append(UInt8(octet)) }
        change(&octets)
        rewind(file)
        ftruncate(fileno(file), 0)
        fwrite(octets, 1, octets.count, file)
    }

    func read(threads: Int) throws -> Reading<[Int]> {
        try RecordFiles(directory: path, kind: .domain)
            .read(threads: threads, into: { [] }) { $0.append($1.value["index"]?.int ?? -1) }
    }
}

private func records(_ count: Int) -> [String] {
    (0..<count).map { "{\"index\":\($0),\"word\":\"\($0 &* 2_654_435_761 % 1_000_003)\"}" }
}

struct RecordFilesTests {
    @Test("All threads together read every record once", arguments: [1, 2, 7])
    func everyRecord(threads: Int) throws {
        let folder = Folder()
        try folder.write(records(2000))
        let reading = try folder.read(threads: threads)
        #expect(reading.files.count > 5)
        #expect(reading.records == 2000)
        #expect(reading.states.count == threads)
        #expect(reading.merged { $0 += $1 }.sorted() == Array(0..<2000))
        #expect(reading.faults.count == 0)
        #expect(reading.tornTails.isEmpty)
    }

    @Test("One thread reads in the order of writing")
    func order() throws {
        let folder = Folder()
        try folder.write(records(500))
        #expect(try folder.read(threads: 1).states == [Array(0..<500)])
    }

    @Test("A torn tail hides the frame that it cuts, and nothing else")
    func tornTail() throws {
        let folder = Folder()
        try folder.write(records(40), rotateBytes: 1 << 20)
        let whole = try folder.read(threads: 1).frames
        let last = try #require(whole.last)
        try folder.change(0) { $0.removeLast() }
        let reading = try folder.read(threads: 2)
        #expect(reading.records == 40 - last.records)
        #expect(reading.tornTails.map(\.wholeBytes) == [last.place.offset])
        #expect(reading.faults.count == 0)
    }

    @Test("A frame whose checksum is wrong is named, and those behind it are read")
    func brokenFrame() throws {
        let folder = Folder()
        try folder.write(records(40), rotateBytes: 1 << 20)
        let frames = try folder.read(threads: 1).frames
        try folder.change(0) { $0[frames[2].place.offset - 1] ^= 1 }
        let reading = try folder.read(threads: 2)
        #expect(reading.records == 40 - frames[1].records)
        guard case .file(let error) = reading.faults.first.first else {
            Issue.record("no fault")
            return
        }
        #expect(error.reason.contains("frame 2 at byte \(frames[1].place.offset)"))
    }

    @Test("A file that is no archive is named, and the others are read")
    func foreignFile() throws {
        let folder = Folder()
        try folder.write(records(500))
        let frames = try folder.read(threads: 1).frames
        try folder.change(1) { $0 = Array("no archive, by no means".utf8) }
        let reading = try folder.read(threads: 2)
        #expect(reading.faults.count == 1)
        let lost = frames.filter { $0.place.file == 1 }.reduce(0) { $0 + $1.records }
        #expect(reading.records == 500 - lost)
    }

    @Test("A line that is no object is named by file, line and frame")
    func badLines() throws {
        let folder = Folder()
        var lines = records(40)
        lines[3] = "[1]"
        lines[25] = "{\"index\":"
        try folder.write(lines, rotateBytes: 1 << 20)
        let reading = try folder.read(threads: 1)
        let places = reading.faults.first.map {
            guard case .line(let place, _) = $0 else { return "?" }
            return reading.words(for: place)
        }
        let path = folder.file(0)
        #expect(places.first == "\(path): line 4 (frame 1)")
        #expect(places.last?.hasPrefix("\(path): line 26 (frame ") == true)
        #expect(reading.states[0].count == 38)
        #expect(reading.records == 40)
    }

    @Test("A file is read as far as its committed bytes")
    func committed() throws {
        let folder = Folder()
        try folder.write(records(40), rotateBytes: 1 << 20)
        let frames = try folder.read(threads: 1).frames
        let files = RecordFiles([ArchiveFile(folder.file(0), bytes: frames[2].place.offset)])
        let reading = files.read(threads: 1, into: { 0 }) { count, _ in count += 1 }
        #expect(reading.states == [frames[0].records + frames[1].records])
        #expect(reading.tornTails.isEmpty)
    }

    @Test("Lines longer than a frame's usual content are read")
    func longLines() throws {
        let folder = Folder()
        let long = String(repeating: "x", count: 3 << 20)
        try folder.write(["{\"index\":0,\"word\":\"\(long)\"}", "{\"index\":1}"])
        #expect(try folder.read(threads: 1).states == [[0, 1]])
    }

    @Test("A folder that is not there is an error")
    func noFolder() {
        #expect(throws: ArchiveError.self) { try RecordFiles(directory: "/nowhere", kind: .host) }
    }
}
