import DNS
import Glibc
import Testing

@testable import DomainList

@Suite("Lines of a list")
struct ListReaderTests {
    @Test(
        "a line gives a name, a reason or nothing",
        arguments: [
            ("a.example\nb.example\n", ["a.example", "b.example"]),
            ("a.example\r\nb.example\r\n", ["a.example", "b.example"]),  // CRLF
            ("a.example\nb.example", ["a.example", "b.example"]),  // the last line is not ended
            ("a.example\r", ["a.example"]),  // half a CRLF at the end
            ("  a.example \t\n", ["a.example"]),  // blanks around
            ("\n \n\t\na.example\n", ["a.example"]),  // blank lines
            ("# a\n  # b\na.example\n", ["a.example"]),  // comments
            ("a.example # why\nb.example\t# why\n", ["a.example", "b.example"]),  // trailing
            ("a.example,#why\n", ["a.example"]),  // a column, not a comment
            ("a#b.example\n", ["bad_character"]),  // no blank before: no comment
            ("\u{FEFF}a.example\n", ["a.example"]),  // a byte order mark
            ("a.example\n\u{FEFF}b.example\n", ["a.example", "b.example"]),  // ignored by UTS #46
            ("1,a.example\n2,b.example\n", ["a.example", "b.example"]),  // rank and name
            ("1\ta.example\n2\tb.example\n", ["a.example", "b.example"]),  // by tabs
            ("1, a.example ,x\n", ["a.example"]),  // more columns
            ("1,\"a.example\"\n\"2\",\"b.example\"\n", ["a.example", "b.example"]),  // quotes
            ("a.example,1\nb.example,2\n", ["a.example", "b.example"]),  // the name comes first
            ("1,\n", ["empty_label"]),  // a rank without a name
            ("1\n", ["numeric_tld"]),  // no second column: the number is the name
            ("domain\na.example\n", ["a.example"]),  // a header of one column
            ("Domain\na.example\n", ["a.example"]),  // without regard to case
            ("# top\n\nrank,domain\n1,a.example\n", ["a.example"]),  // after comments
            ("\"name\"\na.example\n", ["a.example"]),  // in quotes
            ("a.example\ndomain\n", ["a.example", "domain"]),  // a header comes first or not
            ("1,com\n", ["com"]),  // a ranked TLD is no header
            ("com\na.example\n", ["com", "a.example"]),  // nor is a lone TLD
            ("", []),  // an empty list
        ])
    func lines(text: String, names: [String]) {
        let reading = Reading(text)
        #expect(reading.names == names)
        #expect(reading.error == nil)
    }

    @Test("entries carry index, line, rank and the line as read")
    func fields() {
        let text = "# top\n1,A.example\r\n\nfoo bar\n99999999999999999999,b.example"
        let entries = Reading(text).entries
        #expect(entries.map(\.index) == [0, 1, 2])
        #expect(entries.map(\.line) == [2, 4, 5])
        #expect(entries.map(\.rank) == [1, nil, nil])  // the last is larger than any rank
        // "foo bar" may be a person.
        #expect(entries.map(\.input) == ["A.example", nil, "b.example"])
        #expect(entries.map(\.outcome) == ["a.example", "bad_character", "b.example"])
    }

    @Test("input is repaired and capped without cutting a character")
    func inputs() {
        let bad = Reading([0x61, 0xFF, 0x07, 0x62, 0x0A])
        #expect(bad.entries.first?.input == "a\u{FFFD}\u{7}b")
        #expect(bad.names == ["not_utf8"])
        let fits = Reading(String(repeating: "x", count: 300))
        #expect(fits.entries.first?.input == String(repeating: "x", count: 300))
        let long = Reading("x" + String(repeating: "ü", count: 200))
        #expect(long.entries.first?.input == "x" + String(repeating: "ü", count: 148) + "…")
    }

    @Test("lines over 64 KiB are cut, and the line after them is whole")
    func longLines() {
        let limit = LineReader.lineBytesMax
        let long = String(repeating: "x", count: limit + 1)
        let huge = String(repeating: "y", count: 5 * limit + 17)
        let reading = Reading("a.example\n\(long)\n\(huge)\nb.example\n\(huge)")
        let cut = "line_too_long"
        #expect(reading.names == ["a.example", cut, cut, "b.example", cut])
        #expect(reading.entries.map(\.line) == [1, 2, 3, 4, 5])
        let longest = String(repeating: "x", count: limit)
        #expect(Reading("\(longest)\r\na.example").names == ["label_too_long", "a.example"])
    }

    @Test("lines come whole over the borders of reads")
    func manyLines() {
        let filling = (0..<40).map { String(repeating: "x", count: $0) }
        let names = (0..<40_000).map { "domain-\($0)\(filling[$0 % 40]).example" }
        #expect(Reading(names.joined(separator: "\r\n")).names == names)
    }

    @Test("the statistics add up")
    func statistics() {
        let text = "rank,domain\n\n# x\n1,a.example\n2,A.example.\n3,a b\n4,a b\n"
        let reading = Reading(text, unique: true)
        #expect(reading.names == ["a.example", "bad_character", "bad_character"])
        #expect(reading.entries.map(\.index) == [0, 2, 3])  // the repeated name keeps its place
        let seen = reading.statistics
        #expect(seen.lines == 7)
        #expect(seen.headers == 1 && seen.blanks == 1 && seen.comments == 1)
        #expect(seen.duplicates == 1 && seen.entries == 3 && seen.invalid == 2)
        #expect(
            seen.lines
                == seen.headers + seen.blanks + seen.comments + seen.duplicates + seen.entries)
    }

    @Test("several lists make one stream, each with its own lines and header")
    func severalLists() throws {
        let first = TemporaryFile("domain\na.example")
        let second = TemporaryFile("name\nb.example\n")
        let reader = ListReader(try OpenedList.open(paths: [first.path, second.path]))
        var raw: [Int: Int] = [:]
        reader.onRawBytes = { raw[$0, default: 0] += $1.count }
        var entries: [ListEntry] = []
        while let entry = try reader.next() { entries.append(entry) }
        #expect(entries.map(\.outcome) == ["a.example", "b.example"])
        #expect(entries.map(\.source) == [first.path, second.path])
        #expect(entries.map(\.line) == [2, 2])
        #expect(entries.map(\.index) == [0, 1])
        #expect(raw == [0: 16, 1: 15])
        #expect(reader.progress == ListProgress(bytesRead: 31, bytesTotal: 31))
    }

    @Test("a list that is absent or a folder is refused before any is read")
    func absentLists() {
        let present = TemporaryFile("a.example\n")
        let absent = #expect(throws: ListError.self) {
            try OpenedList.open(paths: [present.path, "/nonexistent/list"])
        }
        #expect(absent?.kind == .unavailable)
        #expect(absent?.source == "/nonexistent/list")
        #expect(absent?.reason == "No such file or directory")
        let folder = #expect(throws: ListError.self) { try OpenedList.open(paths: ["/tmp"]) }
        #expect(folder?.reason == "is a directory: name the files in it, each as a list")
    }

    @Test("a list that is gone when its turn comes ends the reading")
    func goneList() throws {
        let first = TemporaryFile("a.example\n")
        var second: TemporaryFile? = TemporaryFile("b.example\n")
        let reader = ListReader(
            try OpenedList.open(paths: [first.path, try #require(second).path]))
        second = nil
        #expect(try reader.next()?.outcome == "a.example")
        #expect(throws: ListError.self) { try reader.next() }
        #expect(try reader.next() == nil)
    }

    @Test("a file given twice is read twice, standard input or a pipe given twice is refused")
    func givenTwice() throws {
        let file = TemporaryFile("a.example\n")
        let reader = ListReader(try OpenedList.open(paths: [file.path, file.path]))
        var bytes: [Int: Int] = [:]
        reader.onRawBytes = { bytes[$0, default: 0] += $1.count }
        var names: [String] = []
        while let entry = try reader.next() { names.append(entry.outcome) }
        #expect(names == ["a.example", "a.example"])
        #expect(bytes == [0: 10, 1: 10])
        let pipe = file.path + ".pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        defer { unlink(pipe) }
        let twice = #expect(throws: ListError.self) { try OpenedList.open(paths: [pipe, pipe]) }
        #expect(twice?.kind == .misused)
    }

    @Test(
        "a list without a name of a domain is remarked on, and what a file seems to be",
        arguments: [
            ("", "is empty", nil), ("# no\n", "names no domain", nil),
            ("a b\n1,192.0.2.1\n", "names no domain: none of its 2 lines", nil),
            ("<!DOCTYPE html>\n", "names no domain", "HTML"), ("%PDF-1.7\n", "", "PDF"),
            ("\u{0}\u{1}\n", "names no domain", "binary"), ("[\"a\"]\n", "names", "JSON"),
            ("a.example\n", nil, nil),
        ] as [(String, String?, String?)])
    func remarks(text: String, remark: String?, appearance: String?) throws {
        let file = TemporaryFile(text)
        let lists = try OpenedList.open(paths: [file.path])
        #expect((lists[0].appearance == nil) == (appearance == nil))
        if let appearance { #expect(lists[0].appearance?.contains(appearance) == true) }
        let reader = ListReader(lists)
        while try reader.next() != nil {}
        #expect((reader.remarks.isEmpty) == (remark == nil))
        if let remark { #expect(reader.remarks.first?.contains(remark) == true) }
    }
}
