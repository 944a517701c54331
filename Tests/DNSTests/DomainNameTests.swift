import DNS
import Testing

@Suite struct `domain names` {
    @Test(arguments: [
        ("example.com", "example.com"),
        ("Example.COM.", "example.com"),  // case and the root's dot carry no meaning
        (".", ""),  // the root
        ("_mta-sts.example.com", "_mta-sts.example.com"),
        (#"a\.b.example"#, #"a\.b.example"#),  // RFC 1035 §5.1: a dot within a label
        (#"a\046b.example"#, #"a\.b.example"#),  // the same as \DDD
        (#"\065b"#, "ab"),  // an escape that was not needed
        (#"\000\255.x"#, #"\000\255.x"#),  // octets that are no characters
        (#"a\\b"#, #"a\\b"#),
        ("~", "~"),
    ])
    func `are canonical`(presentation: String, text: String) throws {
        let name = try DomainName(presentation)
        #expect(name.text == text)
        #expect(try DomainName(name.description) == name)
    }

    @Test(arguments: [
        ("", DomainNameError.empty),
        ("..", .emptyLabel),
        (".example", .emptyLabel),
        ("a..b", .emptyLabel),
        ("a.b..", .emptyLabel),
        (String(repeating: "a", count: 64), .labelTooLong),
        ("a b", .badCharacter),
        ("a\u{0}", .badCharacter),
        ("bücher.example", .nonASCII),
        (#"a\"#, .badEscape),
        (#"a\25"#, .badEscape),
        (#"a\256"#, .badEscape),
        (#"a\2x5"#, .badEscape),
    ])
    func `are refused with the reason`(presentation: String, error: DomainNameError) {
        #expect(throws: error) { try DomainName(presentation) }
    }

    @Test func `have 63 octets a label and 253 in all`() throws {
        let label = String(repeating: "a", count: 63)
        let longest = "\(label).\(label).\(label).\(String(repeating: "b", count: 61))"
        #expect(longest.utf8.count == 253)
        #expect(try DomainName(longest).wire.count == 255)
        #expect(try DomainName(longest + ".").text == longest)
        #expect(throws: DomainNameError.tooLong) { try DomainName(longest + "b") }
        // An escape of four characters is one octet.
        #expect(try DomainName(String(repeating: #"\001"#, count: 63)).wire.count == 65)
    }

    @Test func `have labels, a parent and prefixes`() throws {
        let name = try DomainName(#"a\.b.example.com"#)
        #expect(name.labels == [#"a\.b"#, "example", "com"])
        #expect(name.parent?.text == "example.com")
        #expect(DomainName.root.parent == nil)
        #expect(DomainName.root.labels.isEmpty)
        #expect(try DomainName("com").parent == .root)
        let service = try DomainName("_25._tcp")
        #expect(try DomainName("mx.test").prefixed(by: service)?.text == "_25._tcp.mx.test")
        #expect(DomainName.root.prefixed(by: service) == service)
        #expect(name.prefixed(by: .root) == name)
        let long = try DomainName(Array(repeating: "abcdefg", count: 31).joined(separator: "."))
        #expect(try long.prefixed(by: DomainName("_mta-sts")) == nil)
        // 252 characters and 65 octets: only the octets count.
        let escaped = try DomainName(String(repeating: #"\001"#, count: 63))
        #expect(try escaped.prefixed(by: DomainName("_mta-sts"))?.wire.count == 74)
        #expect(try DomainName("a.b.example").isWithin(DomainName("example")))
        #expect(try !DomainName("a.bexample").isWithin(DomainName("example")))
    }

    @Test(arguments: [
        ("mx.example.com", true, true),
        ("3com.com", true, true),  // RFC 1123 §2.1: a digit may come first
        ("localhost", true, true),
        ("_dmarc.example.com", false, true),
        ("-a.example", false, false),
        ("a-.example", false, false),
        ("192.0.2.1", false, false),  // an address, not a name
        ("1.com", true, true),
        ("~", false, false),
        (".", false, false),
        (#"a\.b.example"#, false, false),
    ])
    func `are host names or not`(text: String, strict: Bool, lenient: Bool) throws {
        let name = try DomainName(text)
        #expect(name.isHostName == strict)
        #expect(name.isHostName(allowingUnderscore: true) == lenient)
    }

    @Test func `stand on the wire as labels with their length`() throws {
        #expect(DomainName.root.wire == [0])
        #expect(try DomainName("ab.c").wire == [2, 97, 98, 1, 99, 0])
        #expect(try DomainName(#"a\.b\000.c"#).wire == [4, 97, 46, 98, 0, 1, 99, 0])
    }
}

@Suite struct `any octets` {
    @Test func `are a name or an error, and survive the wire`() {
        let valid = Array(#"a\.b.c\001-d.E_f."#.utf8)
        for index in valid.indices {
            for value in UInt8.min...UInt8.max {
                var text = valid
                text[index] = value
                guard let name = try? DomainName(presentation: text) else { continue }
                #expect((try? DomainName(name.description)) == name)
                #expect(name.wire.count <= 255)
                #expect(name.labels.count == name.wire.labelCount)
            }
        }
    }
}

extension [UInt8] {
    /// The labels of a name on the wire, the root's left out.
    fileprivate var labelCount: Int {
        var count = 0
        var position = 0
        while self[position] != 0 {
            position += Int(self[position]) + 1
            count += 1
        }
        return count
    }
}
