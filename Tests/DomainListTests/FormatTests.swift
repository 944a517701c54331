import DNS
import Testing

@testable import DomainList

/// A list, what is understood of it, and the names that it gives.
struct Laid: CustomTestStringConvertible, Sendable {
    var text: String
    var format: String
    var names: [String]
    var ranks: [Int?]?

    init(_ text: String, _ format: String, _ names: [String], ranks: [Int?]? = nil) {
        self.text = text
        self.format = format
        self.names = names
        self.ranks = ranks
    }

    var testDescription: String { String(text.prefix(60)) }
}

@Suite("Layouts of lists")
struct FormatTests {
    @Test(
        "a table is understood",
        arguments: [
            Laid(
                """
                GlobalRank,TldRank,Domain,TLD,RefSubNets,RefIPs,IDN_Domain,IDN_TLD,PrevGlobalRank
                1,1,a.test,test,500,900,a.test,test,1
                2,2,b.test,test,400,800,b.test,test,2

                """,
                "CSV, 9 columns, domain from column 3 'Domain', rank from 'GlobalRank', the first "
                    + "row is the header", ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "id,org,domain\n1,Acme,a.test\n2,\"Foo, Inc.\",b.test\n",
                "CSV, 3 columns, domain from column 3 'domain', the first row is the header",
                ["a.test", "b.test"], ranks: [nil, nil]),
            Laid(
                "1,Acme,a.test\n2,\"Foo, Inc.\",b.test\n",
                "CSV, 3 columns, domain from column 3, rank from column 1, no header",
                ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "origin,rank\nhttps://www.a.test,1000\nhttps://b.test,1000\n",
                "CSV, 2 columns, domain from column 1 'origin', rank from 'rank', the first row is "
                    + "the header", ["www.a.test", "b.test"], ranks: [1000, 1000]),
            Laid(
                "com,1\nnet,2\norg,3\n",
                "CSV, 2 columns, domain from column 1, rank from column 2, no header",
                ["com", "net", "org"], ranks: [1, 2, 3]),
            Laid(
                "xn--p1ai\tRU\nxn--fiqs8s\tCN\n",
                "TSV, 2 columns, domain from column 1, no header", ["xn--p1ai", "xn--fiqs8s"]),
            Laid(
                "RU\txn--p1ai\nCN\txn--fiqs8s\n",
                "TSV, 2 columns, domain from column 2, no header", ["xn--p1ai", "xn--fiqs8s"]),
            Laid(
                "Dom\u{E4}ne;Firma;Umsatz\r\na.test;Acme GmbH;1.000,5\r\nb.test;\"Foo; Bar\";3\r\n",
                "CSV with semicolons, 3 columns, domain from column 1 'Dom\u{E4}ne', the first row "
                    + "is the header", ["a.test", "b.test"]),
            Laid(
                "1\ta.test\n2\tb.test\n",
                "TSV, 2 columns, domain from column 2, rank from column 1, no header",
                ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "a.test|Acme\nb.test|Foo\n",
                "a table with bars, 2 columns, domain from column 1, no header",
                ["a.test", "b.test"]),
            Laid(
                "     12 a.test\n      7 b.test\n",
                "a table with blanks between the columns, 2 columns, domain from column 2, rank "
                    + "from column 1, no header", ["a.test", "b.test"]),
            Laid(
                "name,count\na.test,5\nb.test,3\n",
                "CSV, 2 columns, domain from column 1 'name', the first row is the header",
                ["a.test", "b.test"]),
            Laid(
                "name,57\nsite,12\ncom,3\n", "CSV, 2 columns, domain from column 1, no header",
                ["name", "site", "com"]),
            Laid(
                "Export of 2025-01-01\n\nNr,Kunde,Webseite\n7,Acme,https://a.test/x\n"
                    + "8,Foo,http://b.test\n",
                "CSV, 3 columns, domain from column 3 'Webseite', the first 2 rows are the header "
                    + "and what stands before it", ["a.test", "b.test"]),
            Laid(
                "# domain,sector\na.test,bank\nb.test,city\n",
                "CSV, 2 columns, domain from column 1 'domain', the header in a comment",
                ["a.test", "b.test"]),
            Laid(
                "sep=;\nDomain;Sector\na.test;x\nb.test;y\n",
                "CSV with semicolons, 2 columns, domain from column 1 'Domain', the first 2 rows "
                    + "are the header and what stands before it", ["a.test", "b.test"]),
            Laid(
                "Domain Type,Domain name,Agency,Security contact\nFederal,a.test,Foo,x@c.test\n"
                    + "City,b.test,Bar,(blank)\n",
                "CSV, 4 columns, domain from column 2 'Domain name', the first row is the header",
                ["a.test", "b.test"]),
            Laid(
                "experimental.popularity.rank,origin\n1000,https://a.test\n",
                "CSV, 2 columns, domain from column 2 'origin', rank from "
                    + "'experimental.popularity.rank', the first row is the header", ["a.test"]),
            Laid(
                "org,e-mail,Web-Adresse\nAcme,x@mail.test,a.test\nFoo,y@mail.test,b.test\n",
                "CSV, 3 columns, domain from column 3 'Web-Adresse', the first row is the header",
                ["a.test", "b.test"]),
            Laid(
                // A row that ends with an address is no address.
                "domain,type,contact\na.test,City,x@m.test\nb.test,City,y@m.test\n",
                "CSV, 3 columns, domain from column 1 'domain', the first row is the header",
                ["a.test", "b.test"]),
            Laid(
                "who,mail\nJohn Doe,jd@a.test\nJane Doe,jane@b.test\n",
                "CSV, 2 columns, domain from column 2 'mail', the first row is the header",
                ["a.test", "b.test"]),
            Laid(
                "id,note,host\n1,\"two\nlines, and \"\"quotes\"\"\",a.test\n2,\"\",b.test\n",
                "CSV, 3 columns, domain from column 3 'host', the first row is the header",
                ["a.test", "b.test"]),
            Laid(
                "rank,domain,category\n1,a.test,\"[{\"\"name\"\":\"\"x\"\"}]\"\n2,b.test,\"[]\"\n",
                "CSV, 3 columns, domain from column 2 'domain', rank from 'rank', the first row is "
                    + "the header", ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "\u{FEFF}rank;domain\r\n1;a.test\r\n2;m\u{FC}nchen.test\r\n",
                "CSV with semicolons, 2 columns, domain from column 2 'domain', rank from 'rank', "
                    + "the first row is the header", ["a.test", "xn--mnchen-3ya.test"],
                ranks: [1, 2]),
            Laid(
                ".com,generic,VeriSign\n.ac,country-code,NIC\n.xn--p1ai,country-code,RU\n",
                "CSV, 3 columns, domain from column 1, no header", ["com", "ac", "xn--p1ai"]),
            Laid(
                "1,\"Acme,a.test\n2,\"Foo,b.test\n3,Bar,c.test\n4,Baz,d.test\n5,Q,e.test\n",
                "CSV, 3 columns, domain from column 3, rank from column 1, no header",
                ["a.test", "b.test", "c.test", "d.test", "e.test"]),
            Laid(
                "domain,rank\ra.test,1\rb.test,2\r",
                "CSV, 2 columns, domain from column 1 'domain', rank from 'rank', the first row is "
                    + "the header, in lines that end in CR", ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "domain^rank\na.test^1\nb.test^2\n",
                "a table with carets, 2 columns, domain from column 1 'domain', rank from 'rank', "
                    + "the first row is the header", ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "a.test\u{1}bank\nb.test\u{1}city\n",
                "a table with octets 0x01, 2 columns, domain from column 1, no header",
                ["a.test", "b.test"]),
            Laid(
                "rank,domain\n1.0,a.test\n2.,b.test\n\"1,234\",c.test\n1.000,d.test\n",
                "CSV, 2 columns, domain from column 2 'domain', rank from 'rank', the first row is "
                    + "the header", ["a.test", "b.test", "c.test", "d.test"],
                ranks: [1, 2, 1234, nil]),
            Laid(
                "domain,rank\na.test,1\ndomain,rank\nb.test,2\n",
                "CSV, 2 columns, domain from column 1 'domain', rank from 'rank', the first row is "
                    + "the header", ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                "| Domain | Rank |\n|--------|-----:|\n| a.test | 1 |\n| b.test | 2 |\n",
                "a table with bars, 4 columns, domain from column 2 'Domain', rank from 'Rank', "
                    + "the first row is the header", ["a.test", "b.test"], ranks: [1, 2]),
            Laid(
                // A provider's name server says nothing about which row it is.
                "ns.mail.test,a.test\nns.mail.test,b.test\nns.mail.test,c.test\n",
                "CSV, 2 columns, domain from column 2, no header", ["a.test", "b.test", "c.test"]),
            Laid(
                "Acme (a.test)\nFoo (b.test)\n",
                "a table with blanks between the columns, 2 columns, domain from column 2, no "
                    + "header", ["a.test", "b.test"]),
            Laid(
                "=\"a.test\",bank\n=\"b.test\",city\n",
                "CSV, 2 columns, domain from column 1, no header", ["a.test", "b.test"]),
        ])
    func tables(laid: Laid) throws { try check(laid) }

    @Test(
        "other kinds of lists are understood",
        arguments: [
            Laid("a.test\nb.test\n", "a name a line", ["a.test", "b.test"]),
            Laid(
                "# Version 2025\nAAA\nCOM\nXN--P1AI\n", "a name a line",
                ["aaa", "com", "xn--p1ai"]),
            Laid(
                "hostname\na.test\n", "a name a line, the first is the header 'hostname'",
                ["a.test"]),
            Laid("// ===BEGIN\nac\ncom.ac\n*.bd\n", "a name a line", ["ac", "com.ac", "bd"]),
            Laid("name\nsite\ncom\n", "a name a line", ["name", "site", "com"]),
            Laid(
                "https://a.test/x,y?z\nhttp://user@b.test:8080\nhttps://[2001:db8::1]/\n",
                "a name a line", ["a.test", "b.test", "ip_address"]),
            Laid(
                "bob@a.test\nEve <eve@B.test>\nmailto:x@c.test\n*.d.test\ne.test:443\nf[.]test\n"
                    + "g.test/path\n@h.test\n",
                "a name a line",
                [
                    "a.test", "b.test", "c.test", "d.test", "e.test", "f.test", "g.test", "h.test",
                ]),
            Laid(
                "127.0.0.1 localhost\n::1 ip6-localhost\n# ads\n0.0.0.0 a.test\n0.0.0.0 b.test "
                    + "c.test # x\n",
                "a hosts file, the names behind the addresses", ["a.test", "b.test", "c.test"]),
            Laid(
                "{\"host\":\"a.test\",\"rank\":1}\n{\"rank\":2,\"host\":\"b.t\\u0065st\"}\n",
                "NDJSON, domain from 'host', rank from 'rank'", ["a.test", "b.test"],
                ranks: [1, 2]),
            Laid(
                "{\"domain\":\"a.test\"}\n{\"fqdn\":\"b.test\",\"ips\":[{\"a\":1}]}\n"
                    + "{\"url\":\"https://c.test/\"}\n",
                "NDJSON, domain from 'domain' or 'fqdn' or 'url'", ["a.test", "b.test", "c.test"]),
            Laid(
                "{\"host\":\"a.test\",\"input\":\"b.test\",\"source\":\"crt.sh\"}\n",
                "NDJSON, domain from 'host'", ["a.test"]),
            Laid("domain\n", "a name a line, the first is the header 'domain'", []),
            Laid(
                "a.test\rb.test\r", "a name a line, in lines that end in CR", ["a.test", "b.test"]),
            Laid(
                "a.test, b.test,c.test\n", "a name a line, or several, with commas between",
                ["a.test", "b.test", "c.test"]),
            Laid(
                "a.test b.test\nc.test\td.test e.test\n",
                "a name a line, or several, with blanks between",
                ["a.test", "b.test", "c.test", "d.test", "e.test"]),
            Laid(
                "x@a.test; y@b.test\nz@c.test\n\"x y\"@d.test\n\"x@y\"@e.test\nq@f.test (Q)\n",
                "a name a line", ["a.test", "b.test", "c.test", "d.test", "e.test", "f.test"]),
            Laid(
                "[Adblock Plus 2.0]\n! Title\n||a.test^\n||b.test^$third-party\n||c.test^\n",
                "a name a line", ["a.test", "b.test", "c.test"]),
            Laid(
                "address=/a.test/0.0.0.0\nlocal=/b.test/\n; more\nserver=/c.test/192.0.2.1\n",
                "a name a line", ["a.test", "b.test", "c.test"]),
            Laid(
                "\u{A0}a.test\u{200B}\n\u{200F}b.test\u{200E}\n“c.test”\n«d.test»\n",
                "a name a line", ["a.test", "b.test", "c.test", "d.test"]),
            Laid(
                "a{.}test\nb (dot) test\nx[at]c[.]test\n[d](https://d.test/)\nd[DOT]test\n",
                "a name a line", ["a.test", "b.test", "c.test", "d.test", "d.test"]),
            Laid(
                "https://m%C3%BCnchen.test/\nhttps://[2001:db8::1]:443/\nhttps://%zz.test/\n"
                    + "https://a.test\nhttps://b.test\n",
                "a name a line",
                ["xn--mnchen-3ya.test", "ip_address", "bad_character", "a.test", "b.test"]),
            Laid(
                "[\n  \"a.test\",\n  \"b.test\"\n]\n", "a name a line", ["a.test", "b.test"]),
            Laid(
                "[\n{\"domain\":\"a.test\"},\n{\"domain\":\"b.test\"}\n]\n",
                "NDJSON, domain from 'domain'", ["a.test", "b.test"]),
            Laid(
                "{\"org\":\"x\",\"domains\":[\"a.test\",\"b.test\"]}\n"
                    + "{\"org\":\"y\",\"domains\":[\"c.test\",{\"x\":1}]}\n{\"domains\":[]}\n",
                "NDJSON, domain from 'domains'", ["a.test", "b.test", "c.test", "empty_label"]),
            Laid(
                "{\"ns\":[\"ns1.x.test\"],\"id\":\"a.test\"}\n"
                    + "{\"ns\":[\"ns1.x.test\",\"ns2.x.test\"],\"id\":\"b.test\"}\n",
                "NDJSON, domain from 'id'", ["a.test", "b.test"]),
            Laid(
                "{\"type\":\"entries\",\"data\":[\"a.test\",\"*.b.test\"]}\n"
                    + "{\"type\":\"entries\",\"data\":[\"c.test\"]}\n",
                "NDJSON, domain from 'data'", ["a.test", "b.test", "c.test"]),
            Laid(
                "\u{1E}{\"domain\":\"a.test\"}\n\u{1E}{\"domain\":\"b.test\"}\n",
                "NDJSON, domain from 'domain'", ["a.test", "b.test"]),
            Laid(
                // A log's rows begin with an address too.
                "192.0.2.1 - - [x] \"GET /\" a.test\n192.0.2.1 - - [x] \"GET /\" b.test\n",
                "a table with blanks between the columns, 6 columns, domain from column 6, no "
                    + "header", ["a.test", "b.test"]),
            Laid(
                "{\"org\":{\"name\":\"Acme\",\"site\":\"a.test\"}}\n"
                    + "{\"org\":{\"name\":\"Foo\",\"site\":\"b.test\"}}\n",
                "NDJSON, domain from 'org.site'", ["a.test", "b.test"]),
        ])
    func others(laid: Laid) throws { try check(laid) }

    private func check(_ laid: Laid) throws {
        let file = TemporaryFile(laid.text)
        let list = try #require(try OpenedList.open(paths: [file.path]).first)
        #expect(try list.examine().description == laid.format)
        let reading = Reading(laid.text)
        #expect(reading.names == laid.names)
        if let ranks = laid.ranks { #expect(reading.entries.map(\.rank) == ranks) }
        let seen = reading.statistics
        let passedOver = seen.passedOver.values.reduce(0, +)
        #expect(
            seen.lines + seen.furtherNames == seen.entries + seen.duplicates + seen.headers
                + seen.blanks + seen.comments + seen.continuations + passedOver)
    }
}
