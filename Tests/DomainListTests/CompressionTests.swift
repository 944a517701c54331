import DNS
import Testing

@testable import DomainList

@Suite("Compressed lists")
struct CompressionTests {
    /// Enough lines for several chunks.
    static let names = (0..<30_000).map { "domain-\($0 &* 2_654_435_761 % 1_000_003).example" }
    static let text = names.joined(separator: "\n") + "\n"

    enum Format: CaseIterable { case gzip, zstd, xz, bzip2, lzma }

    /// The formats of which a file may hold several, one after the other.
    static let concatenable = Format.allCases.filter { $0 != .lzma }

    /// The head of a tar archive, and its first file (POSIX.1, pax, ustar).
    static let tar =
        Array("list.txt".utf8) + [UInt8](repeating: 0, count: 249) + Array("ustar\u{0}00".utf8)
        + [UInt8](repeating: 0, count: 247) + Array("a.example\n".utf8)

    static func compress(_ text: String, _ format: Format) -> [UInt8] {
        switch format {
        case .gzip: Compressed.gzip(text)
        case .zstd: Compressed.zstd(text)
        case .xz: Compressed.xz(text)
        case .bzip2: Compressed.bzip2(text)
        case .lzma: Compressed.lzma(text)
        }
    }

    @Test("the first bytes tell the compression, not the name", arguments: Format.allCases)
    func whole(format: Format) {
        let reading = Reading(Self.compress(Self.text, format))
        #expect(reading.names == Self.names)
        #expect(reading.error == nil)
    }

    @Test("members, frames and streams may follow each other", arguments: Self.concatenable)
    func concatenated(format: Format) {
        let parts = ["a.exa", "mple\nb.example\n", "", "c.example"]
        let reading = Reading(parts.flatMap { Self.compress($0, format) })
        #expect(reading.names == ["a.example", "b.example", "c.example"])
        #expect(reading.error == nil)
    }

    // A block of bzip2 is as large as this list: nothing comes before its end.
    @Test(
        "a list that is cut off gives what came before",
        arguments: Format.allCases.filter { $0 != .bzip2 })
    func truncated(format: Format) throws {
        let whole = Self.compress(Self.text, format)
        for kept in [whole.count / 2, whole.count - 1] {
            let reading = Reading(Array(whole[..<kept]))
            let error = try #require(reading.error)
            #expect(error.reason.contains("truncated"))
            #expect(error.offset == kept)
            #expect(error.line == reading.entries.count)
            #expect(reading.names == Array(Self.names.prefix(reading.names.count)))
            #expect(reading.names.count > Self.names.count / 4)
        }
    }

    @Test("a list that is cut off within its only block is truncated")
    func truncatedBlock() {
        let whole = Compressed.bzip2(Self.text)
        let reading = Reading(Array(whole.dropLast()))
        #expect(reading.error?.reason.contains("truncated") == true)
    }

    @Test("UTF-16 is read, compressed or not, whatever the order of its bytes")
    func utf16() {
        for isBig in [false, true] {
            let mark: [UInt8] = isBig ? [0xFE, 0xFF] : [0xFF, 0xFE]
            let text = Self.text.prefix(100_000) + "\nm\u{FC}nchen.example\r\n\u{20BB7}.example"
            let units = text.utf16.flatMap { unit in
                let bytes = [UInt8(unit >> 8), UInt8(unit & 0xFF)]
                return isBig ? bytes : bytes.reversed()
            }
            let names = Reading(String(text)).names
            #expect(names.contains("xn--mnchen-3ya.example"))
            let plain = Reading(mark + units)
            let zipped = Reading(Compressed.gzip(bytes: mark + units))
            let unmarked = Reading(units)
            // Not by one comparison, which would print both.
            for reading in [plain, zipped, unmarked] {
                let isEqual = reading.names == names && reading.error == nil
                #expect(isEqual)
            }
        }
        // Half a surrogate pair, and half a code unit at the end.
        let broken: [UInt8] = [0xFF, 0xFE, 0x61, 0x00, 0x3D, 0xD8, 0x62, 0x00, 0x0A, 0x00, 0x63]
        #expect(Reading(broken).names.allSatisfy { $0 == "idna" })
    }

    @Test("a corrupt list gives what came before", arguments: Self.concatenable)
    func corrupt(format: Format) throws {
        var bytes = Self.compress("a.example\nb.example\n", format)
        let good = bytes.count
        bytes += Self.compress(Self.text, format)
        for index in (bytes.count - 4)..<bytes.count { bytes[index] ^= 0x55 }
        let reading = Reading(bytes)
        let error = try #require(reading.error)
        #expect(error.reason.contains("corrupt"))
        #expect(error.offset > good)
        #expect(error.description.contains("after line \(reading.entries.count)"))
        #expect(reading.names.starts(with: ["a.example", "b.example"]))
    }

    @Test("what follows the compressed data is an error", arguments: Format.allCases)
    func trailingGarbage(format: Format) {
        let garbage = Array("no list, no magic".utf8)
        let reading = Reading(Self.compress("a.example\n", format) + garbage)
        #expect(reading.names == ["a.example"])
        #expect(reading.error?.reason.contains("corrupt") == true)
    }

    @Test("zeros after a gzip member are padding")
    func gzipPadding() {
        let padding = [UInt8](repeating: 0, count: 512)
        let member = Compressed.gzip("a.example\n")
        let reading = Reading(member + padding + member + padding)
        #expect(reading.names == ["a.example", "a.example"])
        #expect(reading.error == nil)
    }

    @Test("a zstd list may begin with a skippable frame")
    func skippableFrame() {
        let skippable: [UInt8] = [0x53, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
        let reading = Reading(skippable + Compressed.zstd("a.example\n"))
        #expect(reading.names == ["a.example"])
        #expect(reading.error == nil)
    }

    @Test("after an error no further list is read")
    func nextList() throws {
        let bad = TemporaryFile(Array(Compressed.gzip("a.example\n").dropLast()))
        let good = TemporaryFile("b.example\n")
        let reader = ListReader(try OpenedList.open(paths: [bad.path, good.path]))
        #expect(try reader.next()?.outcome == "a.example")
        #expect(throws: ListError.self) { try reader.next() }
        #expect(try reader.next() == nil)
        #expect(reader.progress.bytesTotal.map { reader.progress.bytesRead < $0 } == true)
    }

    @Test(
        "what is not read is said",
        arguments: [
            ([0x50, 0x4B, 0x03, 0x04, 0x14, 0x00], "ZIP"),  // as top lists are often given out
            ([0x28, 0xB5, 0x2F, 0xFD, 0x00, 18 << 3, 1, 0, 0], "--long"),  // a window of 2²⁸
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1], "save it as CSV"),
            ([0x04, 0x22, 0x4D, 0x18, 0x64, 0x40], "lz4 -dc"),
            ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], "UTF-32"),
            (Array("PAR1".utf8) + [0x15, 0x04], "Parquet"),
            (Compressed.gzip(bytes: Compressed.gzip("a.example\n")), "compressed twice"),
            (Self.tar, "tar"),
            (Compressed.gzip(bytes: Self.tar), "tar"),
        ])
    func unsupported(bytes: [UInt8], word: String) {
        #expect(Reading(bytes).error?.reason.contains(word) == true)
    }
}
