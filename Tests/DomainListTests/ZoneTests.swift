import DNS
import Glibc
import Testing

@testable import DomainList

@Suite("Zone files")
struct ZoneTests {
    @Test(
        "each delegation is an entry once, the apex is none",
        arguments: [
            // As registries publish them (CZDS): absolute, lower case, tabs.
            (
                """
                test.\t900\tin\tsoa\ta.nic.test. b.nic.test. 1 1800 900 604800 86400
                test.\t86400\tin\tns\ta.nic.test.
                a.test.\t86400\tin\tns\tns1.a.test.
                a.test.\t86400\tin\tns\tns2.a.test.
                a.test.\t86400\tin\tds\t1 8 2 AABB
                ns1.a.test.\t86400\tin\ta\t192.0.2.1
                a.test.\t86400\tin\tns\tns3.a.test.
                b.test.\t86400\tin\tns\tns.example.
                """, ["a.test", "b.test"]
            ),
            // As Verisign did: relative, upper case, $ORIGIN, no class and no TTL.
            (
                """
                ; The use of the Data
                $ORIGIN COM.
                $TTL 900
                @ IN SOA A.GTLD-SERVERS.NET. NSTLD (
                    1 ; serial ) not closed
                    1800 900 604800 86400 )
                 NS A.GTLD-SERVERS.NET.
                $TTL 172800
                B-ONE NS NS1.B-ONE
                B-ONE NS NS2.B-ONE
                NS1.B-ONE A 192.0.2.1
                A-TWO NS NS.EXAMPLE.ORG.
                B-ONE NS NS3.B-ONE
                """, ["b-one.com", "a-two.com"]
            ),
            // As BIND dumps: the owner left blank, $ORIGIN for each level, TTL with units.
            (
                """
                $ORIGIN .
                $TTL 1d2h
                test            IN SOA  ns.test. admin.test. ( 1 2 3 4 5 )
                                NS      ns.test.
                $ORIGIN test.
                a               NS      ns1.a
                                NS      ns2.a
                                IN 3600 DS 1 8 2 ( AA
                                        BB )
                b       3600 IN NS      ns.example.
                c       IN 3600 NS      ns.example.
                $ORIGIN a.test.
                ns1             A       192.0.2.1
                txt             TXT     "( ; not" ")"
                """, ["a.test", "b.test", "c.test"]
            ),
            // As dig shows an AXFR.
            (
                """
                ; <<>> DiG 9.18 <<>> axfr test
                ;; global options: +cmd
                test.   3600 IN SOA ns.test. admin.test. 1 2 3 4 5
                test.   3600 IN RRSIG SOA 8 1 3600 20300101000000 20200101000000 1 test. AA==
                A.test. 3600 IN NS ns.example.
                a.test. 3600 IN NSEC b.test. NS RRSIG NSEC
                *.w.test. 3600 IN NS ns.example.
                test.   3600 IN SOA ns.test. admin.test. 1 2 3 4 5
                """, ["a.test", "w.test"]
            ),
            // Without dots at the ends and without any origin, and without SOA.
            (
                "test NS ns.nic\na.test NS ns.example\nb.test\tIN\tNS\tns.example\n",
                ["a.test", "b.test"]
            ),
            // Types and classes by number, escapes, a type on a later line, rarer types.
            (
                """
                test. 300 CLASS1 TYPE6 \\# 1 00
                a.test. 300 CLASS1 TYPE2 \\# 4 026e7300
                \\098\\-c.test. IN NS ns.example.
                d.test. ( 300
                    IN NS ns.example. )
                    NS ns2.example.
                e.test. IN (
                    ; nothing yet
                    TXT "NS" )
                f.test. ( IN
                    NS
                    ns.example.
                    )
                g.test. AMTRELAY 10 0 1 192.0.2.1
                *.test. NS ns.example.
                300.test. NS ns.example.;glued
                """, ["a.test", "b-c.test", "d.test", "f.test", "300.test"]
            ),
            // A string over lines, marks in it, and a record behind it.
            (
                "$ORIGIN test.\n@ SOA n a 1 2 3 4 5\n@ TXT \"one\ntwo NS ( ; three\" (\n"
                    + " \"x\ny)\" )\na NS ns.example.\n", ["a.test"]
            ),
            // What Windows' DNS server writes of the age of a record.
            (
                "$ORIGIN test.\n@ [AGE:3590000] 900 NS ns\na [AGE:3590000] NS ns.example.\n"
                    + "\t[AGE:3590000] 900 NS ns2.example.\nb NS ns\n", ["a.test", "b.test"]
            ),
            // Quotes around a name, as BIND takes them.
            ("$ORIGIN test.\n\"a\" NS ns\n\"b.test.\" NS ns\n", ["a.test", "b.test"]),
            // The root.
            (
                ". 518400 IN NS a.root-servers.net.\ncom. 172800 IN NS a.gtld-servers.net.\n"
                    + "org. 172800 IN NS a.example.\n", ["com", "org"]
            ),
        ])
    func delegations(text: String, names: [String]) {
        for text in [text, text.replacing("\n", with: "\r\n")] {
            let reading = Reading(text)
            #expect(reading.names == names)
            #expect(reading.entries.map(\.index) == Array(names.indices))
            #expect(reading.statistics.passedOver[.notUnderstood] == nil)
            let seen = reading.statistics
            let passedOver = seen.passedOver.values.reduce(0, +)
            #expect(
                seen.lines == seen.entries + seen.blanks + seen.comments + seen.continuations
                    + passedOver)
        }
    }

    @Test("an entry has the line of its first record")
    func lines() {
        let text = "$ORIGIN test.\nb NS x.\na NS x.\nb NS y.\nwhat is this\nc NS x.\n"
        let reading = Reading(text)
        #expect(reading.names == ["b.test", "a.test", "c.test"])
        #expect(reading.entries.map(\.line) == [2, 3, 6])
        #expect(
            reading.statistics.passedOver == [
                .otherRecord: 1, .repeatedDelegation: 1, .notUnderstood: 1,
            ])
    }

    @Test("a zone whose file does not name it is named by --origin")
    func origin() throws {
        let file = TemporaryFile("@ SOA ns admin 1 2 3 4 5\n@ NS ns\nxn--p1ai-x NS ns\nb NS ns\n")
        var reading = ListReading()
        reading.origin = "Test."
        let reader = ListReader([
            try OpenedList(ListLocation(name: "zone", path: file.path), as: reading)
        ])
        var names: [String] = []
        while let entry = try reader.next() { names.append(entry.outcome) }
        #expect(names == ["xn--p1ai-x.test", "b.test"])
    }

    @Test("what a file leaves to others is counted, and said", arguments: [1, 3])
    func otherFiles(count: Int) throws {
        let directives = Array(
            repeating: "$INCLUDE other.db\n$GENERATE 1-9 d$ NS ns\n", count: count)
        let text = "$ORIGIN test.\n@ SOA n a 1 2 3 4 5\n\(directives.joined())a NS ns\n"
        let file = TemporaryFile(text)
        let list = try OpenedList(ListLocation(name: "zone", path: file.path))
        let reader = ListReader([list])
        var names: [String] = []
        while let entry = try reader.next() { names.append(entry.outcome) }
        #expect(names == ["a.test"])
        #expect(reader.statistics.passedOver[.notFollowed] == 2 * count)
        #expect(try list.examine().description.contains("$INCLUDE and $GENERATE are not followed"))
        #expect(reader.remarks.first?.hasPrefix("the list zone lacks records of its zone") == true)
    }

    @Test(
        "relative names without any origin are refused",
        arguments: [
            "@ SOA n a 1 2 3 4 5\na NS ns\nb NS ns\n", " SOA n a 1 2 3 4 5\n NS n\na NS n\n",
        ])
    func noOrigin(text: String) throws {
        let file = TemporaryFile(text)
        let location = ListLocation(name: "zone", path: file.path)
        let error = #expect(throws: ListError.self) { try OpenedList(location).examine() }
        #expect(error?.description.contains("name the zone with --origin") == true)
        var reading = ListReading()
        reading.origin = "test"
        #expect(try OpenedList(location, as: reading).examine().description.contains("of test"))
    }

    @Test("an owner is a name, and nothing is taken off it but a wildcard's label")
    func owners() {
        let text =
            "$ORIGIN test.\n@ SOA n a 1 2 3 4 5\n\\@ NS ns\na/b NS ns\n//c NS ns\n*.d NS ns\n"
        #expect(
            Reading(text).names == ["email_address", "bad_character", "bad_character", "d.test"])
    }

    @Test("of a shuffled file, whose SOA record comes late, the zone is no delegation")
    func shuffled() {
        let rows = (0..<1500).map { "d\($0).test. IN NS ns.example." }
        let own = ["test. IN NS ns.example.", "test. IN SOA a. b. 1 2 3 4 5"]
        #expect(Reading((rows + own).joined(separator: "\n")).names.count == 1500)
    }

    @Test("a parenthesis that never closes does not swallow a zone")
    func openParenthesis() {
        let rows = (0..<20_000).map { "d\($0).test. NS x." }
        let reading = Reading(
            "$ORIGIN test.\na.test. TXT (\n" + rows.joined(separator: "\n") + "\n")
        #expect(reading.names.count > 9000)
        #expect(reading.statistics.continuations > 0)
    }
}

@Suite("What is said of the layout")
struct ReadingTests {
    private func list(_ text: String, _ reading: ListReading) throws -> OpenedList {
        let file = TemporaryFile(text)
        let list = try OpenedList(ListLocation(name: "list", path: file.path), as: reading)
        try list.examine()
        return list
    }

    private func entries(_ text: String, _ reading: ListReading) throws -> [ListEntry] {
        let file = TemporaryFile(text)
        let reader = ListReader([
            try OpenedList(ListLocation(name: "list", path: file.path), as: reading)
        ])
        var entries: [ListEntry] = []
        while let entry = try reader.next() { entries.append(entry) }
        return entries
    }

    @Test("a column is named, or counted", arguments: ["MX", "mx", "3"])
    func column(name: String) throws {
        var reading = ListReading()
        reading.column = name
        let found = try entries("id,domain,MX\n1,a.test,mx.b.test\n", reading)
        #expect(found.map(\.outcome) == ["mx.b.test"])
    }

    @Test("a column that is not there is refused with those that are")
    func missingColumn() {
        var reading = ListReading()
        reading.column = "sector"
        let error = #expect(throws: ListError.self) {
            try list("id,domain\n1,a.test\n", reading)
        }
        #expect(error?.description.contains("it has 1 'id', 2 'domain'") == true)
        reading.column = nil
        reading.carried = ["sector"]
        #expect(throws: ListError.self) { try list("a.test\n", reading) }
    }

    @Test("an origin is of no use to a list that is no zone file")
    func uselessOrigin() {
        var reading = ListReading()
        reading.origin = "test"
        let error = #expect(throws: ListError.self) { try list("a.test\nb.test\n", reading) }
        #expect(error?.description.contains("this is a name a line") == true)
    }

    @Test("the first row is an entry where there is no header")
    func noHeader() throws {
        var reading = ListReading()
        reading.hasNoHeader = true
        let found = try entries("domain,rank\na.test,1\n", reading)
        #expect(found.map(\.outcome) == ["domain", "a.test"])
    }

    @Test("carried columns keep their texts")
    func carried() throws {
        let text = "domain,Sector,Note\na.test,bank,\"x \"\"y\"\"\nz\"\nb.test,,\nc.test\n"
        var reading = ListReading()
        reading.carried = ["all"]
        let all = try entries(text, reading)
        #expect(all.map { $0.carried?.names } == Array(repeating: ["Sector", "Note"], count: 3))
        #expect(
            all.map { $0.carried?.values } == [["bank", "x \"y\"\nz"], ["", ""], [nil, nil]])
        #expect(all.map(\.line) == [2, 4, 5])
        reading.carried = ["sector", "1"]
        let some = try entries(text, reading)
        #expect(
            some.first?.carried
                == CarriedColumns(names: ["Sector", "domain"], values: ["bank", "a.test"]))
        let json = try entries(
            "{\"host\":\"a.test\",\"n\":{\"w\":1.5},\"s\":null}\n",
            {
                var reading = ListReading()
                reading.carried = ["n.w"]
                return reading
            }())
        #expect(json.first?.carried == CarriedColumns(names: ["n.w"], values: ["1.5"]))
    }

    @Test("a record keeps of a line what is no person's, or all of it where that is wanted")
    func input() throws {
        let text = "bob@a.test\nJane Doe\neve@b..test\nC.test\nx..y\n"
        #expect(
            try entries(text, ListReading()).map(\.input) == ["a.test", nil, nil, "C.test", "x..y"])
        var reading = ListReading()
        reading.keepsLines = true
        #expect(
            try entries(text, reading).map(\.input) == [
                "bob@a.test", "Jane Doe", "eve@b..test", "C.test", "x..y",
            ])
    }

    @Test("a list of which more than a fifth is no domain is doubted")
    func doubt() throws {
        let good = (0..<8).map { "d\($0).test\n" }.joined()
        func doubt(_ text: String) throws -> ListDoubt? {
            let file = TemporaryFile(text)
            let list = try OpenedList(ListLocation(name: "list", path: file.path))
            return try withExtendedLifetime(file) { try ListDoubt(list) }
        }
        #expect(try doubt(good + "a b\nc d\n") == nil)
        let doubted = try #require(try doubt(good + "a b\nc d\n192.0.2.1\n"))
        let text = ([doubted.summary] + doubted.details).joined(separator: "\n")
        #expect(text.contains("of its first 11 entries 3 name no domain"))
        #expect(text.contains("2 bad_character, line 9: “a b”"))
        #expect(text.contains("1 ip_address") && text.contains("--accept-invalid"))
        // Of few entries one or two may be wrong without the list being none of domains.
        #expect(try doubt("a.test\nb.test\na b\n") == nil)
        #expect(try doubt("a.test\na b\n") == nil)
        #expect(try doubt("a.test\nx..y\n-z-\n") != nil)
        let table = try #require(try doubt("id,org,city\n1,Acme Inc,X Y\n2,Foo & Co,Y Z\n"))
        #expect(
            table.details.joined().contains("--column NAME|N (it has 1 'id', 2 'org', 3 'city')"))
    }

    @Test("words that are no TLDs are doubted")
    func words() throws {
        let file = TemporaryFile("id,org,city\n1,Acme,Berlin\n2,Foo,Paris\n3,Baz,Rome\n")
        let list = try OpenedList(ListLocation(name: "list", path: file.path))
        #expect(try ListDoubt(list) == nil)
        let doubt = try ListDoubt(list) { ["com", "net"].contains($0) }
        #expect(doubt?.details.joined().contains("3 single_label, line 2: “acme”") == true)
        let tlds = TemporaryFile("com\nnet\n")
        let others = try OpenedList(ListLocation(name: "tlds", path: tlds.path))
        #expect(try ListDoubt(others) { ["com", "net"].contains($0) } == nil)
    }

    @Test("a pipe is looked at, and read from its start")
    func pipe() throws {
        let file = TemporaryFile("")
        let path = file.path + ".pipe"
        #expect(mkfifo(path, 0o600) == 0)
        defer { unlink(path) }
        let list = try OpenedList(ListLocation(name: "pipe", path: path))
        let writer = open(path, O_WRONLY)
        let text = Array("id,domain\n1,a.test\n2,b.test\n".utf8)
        #expect(write(writer, text, text.count) == text.count)
        #expect(try list.examine().description.contains("domain from column 2"))
        #expect(try ListDoubt(list) == nil)
        let rest = Array("3,c.test\n".utf8)
        #expect(write(writer, rest, rest.count) == rest.count)
        close(writer)
        let reader = ListReader([list])
        var raw = 0
        reader.onRawBytes = { raw += $1.count }
        var names: [String] = []
        while let entry = try reader.next() { names.append(entry.outcome) }
        #expect(names == ["a.test", "b.test", "c.test"])
        #expect(raw == text.count + rest.count)
    }
}
