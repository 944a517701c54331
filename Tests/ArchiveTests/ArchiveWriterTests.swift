import Glibc
import Testing

@testable import Archive

@Suite("Archives as they are written")
struct ArchiveWriterTests {
    let folder = TemporaryFolder()

    private func record(_ number: Int) -> [UInt8] {
        Array("{\"index\":\(number),\"domain\":\"d\(number &* 7919 % 10_007).example\"}\n".utf8)
    }

    private func paths(_ writer: ArchiveWriter) -> [String] {
        writer.committed.map { "\(folder.path)/\($0.name)" }
    }

    @Test("zstd and the reader read the lines back in order")
    func roundTrip() throws {
        let writer = try ArchiveWriter(directory: folder.path, stem: "domains", frameBytes: 4096)
        let records = (0..<2_000).map(record)
        for record in records { try writer.append(record) }
        try writer.close()
        #expect(folder.names == ["domains-00000.ndjson.zst"])
        let archived = try lines(queue(of: folder, "domains"))
        #expect(archived == records.map { String(decoding: $0.dropLast(), as: UTF8.self) })
        #expect(writer.committed.map(\.records) == [2_000])
        let bytes = try folder.bytes("domains-00000.ndjson.zst")
        #expect(writer.committed.map(\.bytes) == [bytes.count])
        if let tool = zstdcat(paths(writer)) {
            #expect(tool.status == 0)
            #expect(tool.output == records.flatMap { $0 })
        }
    }

    @Test("what is flushed can be read while the archive grows")
    func readableWhileGrowing() throws {
        let writer = try ArchiveWriter(directory: folder.path, stem: "domains")
        for count in 1...3 {
            try writer.append(record(count))
            try writer.flush()
            try writer.sync()
            try writer.append(record(-1))  // pending: not there yet
            let frames = try queue(of: folder, "domains")
            #expect(try lines(frames).count == 2 * count - 1)
            #expect(frames.tornTails.isEmpty)
            #expect(writer.committed.map(\.records) == [2 * count - 1])
            if let tool = zstdcat(paths(writer)) { #expect(tool.status == 0) }
        }
    }

    @Test("a frame has magic, content size and checksum, and is what files begin with")
    func frames() throws {
        let writer = try ArchiveWriter(directory: folder.path, stem: "hosts")
        try writer.append([UInt8](repeating: UInt8(ascii: "x"), count: 999) + [0x0A])
        try writer.close()
        let bytes = try folder.bytes("hosts-00000.ndjson.zst")
        #expect(bytes.prefix(4) == [0x28, 0xB5, 0x2F, 0xFD])  // RFC 8878 §3.1.1: a data frame
        #expect(bytes[4] & 0b0000_0100 != 0)  // §3.1.1.1.1: Content_Checksum_flag
        #expect(bytes[4] >> 6 == 1)  // Frame_Content_Size_flag: two bytes, less 256
        #expect(bytes[5...6] == [UInt8(744 & 0xFF), UInt8(744 >> 8)])
    }

    @Test("a file that is large enough is followed by the next")
    func rotation() throws {
        let writer = try ArchiveWriter(
            directory: folder.path, stem: "domains", rotateBytes: 2_000, frameBytes: 1_000)
        for number in 0..<1_000 { try writer.append(record(number)) }
        try writer.close()
        #expect(writer.committed.count > 3)
        #expect(folder.names == writer.committed.map(\.name))
        #expect(folder.names == folder.names.sorted())
        #expect(writer.committed.dropLast().allSatisfy { (2_000..<4_000).contains($0.bytes) })
        #expect(writer.committed.reduce(0) { $0 + $1.records } == 1_000)
        #expect(try lines(queue(of: folder, "domains")).count == 1_000)
        if let tool = zstdcat(paths(writer)) {
            #expect(tool.output == (0..<1_000).flatMap(record))
        }
    }

    @Test("an archive without lines is a frame with a line feed, and no file until it is closed")
    func empty() throws {
        let writer = try ArchiveWriter(directory: folder.path, stem: "domains")
        try writer.append([])
        try writer.flush()
        #expect(folder.names == [])
        try writer.close()
        #expect(writer.committed.map(\.records) == [0])
        let frames = try queue(of: folder, "domains")
        #expect(try lines(frames) == [])
        #expect(frames.tornTails.isEmpty)
        if let tool = zstdcat(paths(writer)) {
            #expect(tool.status == 0)
            #expect(tool.output == [0x0A])
        }
    }

    @Test("each file has the digest of its bytes, as they were committed")
    func digests() throws {
        final class Sum: RunningDigest {
            var sum = 0
            func update(_ bytes: UnsafeRawBufferPointer) {
                for byte in bytes { sum = sum &* 31 &+ Int(byte) }
            }
            func current() -> String { "\(sum)" }
        }
        let writer = try ArchiveWriter(
            directory: folder.path, stem: "domains", rotateBytes: 300, frameBytes: 100,
            digest: Sum.init)
        for number in 0..<50 { try writer.append(record(number)) }
        try writer.close()
        #expect(writer.committed.count > 2)
        for file in writer.committed {
            let sum = Sum()
            try folder.bytes(file.name).withUnsafeBytes { sum.update($0) }
            #expect(file.sha256 == sum.current())
        }
    }

    @Test("an archive that is there is not written over")
    func existing() throws {
        try ArchiveWriter(directory: folder.path, stem: "domains").close()
        let error = #expect(throws: ArchiveError.self) {
            try ArchiveWriter(directory: folder.path, stem: "domains")
        }
        #expect(error?.systemError == EEXIST)
        #expect(throws: Never.self) { try ArchiveWriter(directory: folder.path, stem: "hosts") }
        let absent = #expect(throws: ArchiveError.self) {
            try ArchiveWriter(directory: "/nonexistent", stem: "domains")
        }
        #expect(absent?.description == "cannot list /nonexistent: No such file or directory")
    }

    @Test("a write that fails leaves the whole frames before it")
    func failedWrite() throws {
        // It has room for one frame and the first bytes of the next.
        let sealed = Descriptor(owning: try #require(sealedFile(bytes: 4096)), path: "sealed")
        let copy = Descriptor(owning: dup(sealed.number), path: "sealed")
        var file = FrameFile(copy, bytes: 0)
        let frame = [UInt8](repeating: 7, count: 3_000)
        try frame.withUnsafeBufferPointer { try file.append(UnsafeRawBufferPointer($0)) }
        var failure: ArchiveError?
        do throws(ArchiveError) {
            try frame.withUnsafeBufferPointer { (bytes) throws(ArchiveError) in
                try file.append(UnsafeRawBufferPointer(bytes))
            }
        } catch {
            failure = error
        }
        #expect(failure?.operation == .write)
        #expect(file.bytes == 3_000)
        #expect(lseek(sealed.number, 0, SEEK_END) == 3_000)
    }

    @Test("lines that could not be written are written when there is a way again")
    func secondTry() throws {
        let path = "\(folder.path)/later"
        try #require(mkdir(path, 0o755) == 0)
        let writer = try ArchiveWriter(directory: path, stem: "domains")
        try #require(rmdir(path) == 0)
        try writer.append(record(1))
        #expect(throws: ArchiveError.self) { try writer.flush() }
        #expect(writer.committed == [])
        try #require(mkdir(path, 0o755) == 0)
        try writer.close()
        #expect(try lines(FrameQueue(ArchiveFile.files(in: path, stem: "domains"))).count == 1)
        unlink("\(path)/domains-00000.ndjson.zst")
        rmdir(path)
    }

    @Test("a full disk is named")
    func fullDisk() throws {
        let full = try Descriptor("/dev/full", O_WRONLY)
        let error = #expect(throws: ArchiveError.self) {
            try [1, 2, 3].withUnsafeBytes { try full.write($0, at: 0) }
        }
        #expect(error?.isOutOfSpace == true)
        let words = "cannot write /dev/full: No space left on device (the disk is full)"
        #expect(error?.description == words)
    }
}
