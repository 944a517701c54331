import DNS
import ScriptedServers
import Testing

@Suite struct `lookups` {
    @Test func `find records in order, with TTL, AD and RCODE`() throws {
        var builder = try MessageBuilder("Example.com", .mx)
        try builder.answer(nil, 15, ttl: 600, [0, 20] + DomainName("b.example").wire)
        try builder.answer(nil, 15, ttl: 60, [0, 10, 1, 97, 0xC0, 12])  // compressed exchange
        let records = [
            RecordData.mx(preference: 20, exchange: try DomainName("b.example")),
            .mx(preference: 10, exchange: try DomainName("a.example.com")),
        ]
        let expected = Lookup(
            status: .found, rcode: 0, isAuthenticated: true, records: records, ttl: 60)
        #expect(builder.lookup == expected)
    }

    @Test func `type the data of each record`() throws {
        var txt = try MessageBuilder("x", .txt)
        try txt.answer(nil, 16, strings("v=STS", "", "v1"))
        #expect(txt.lookup.records == [.txt([Array("v=STS".utf8), [], Array("v1".utf8)])])

        var a = try MessageBuilder("x", .a)
        try a.answer(nil, 1, [192, 0, 2, 1])
        #expect(a.lookup.records == [.a(.v4(0xC000_0201))])

        var aaaa = try MessageBuilder("x", .aaaa)
        try aaaa.answer(nil, 28, Array(repeating: 0, count: 15) + [1])
        #expect(aaaa.lookup.records == [.aaaa(.v6(high: 0, low: 1))])

        var tlsa = try MessageBuilder("x", .tlsa)
        try tlsa.answer(nil, 52, [3, 1, 1, 0xAB])
        let data = TLSARecord(usage: 3, selector: 1, matchingType: 1, data: [0xAB])
        #expect(tlsa.lookup.records == [.tlsa(data)])

        var soa = try MessageBuilder(".", .soa)
        try soa.answer(".", 6, [0, 0] + Array(repeating: 0, count: 20))
        #expect(soa.lookup.status == .found)
        #expect(soa.lookup.records.isEmpty)

        var cname = try MessageBuilder("x", .cname)
        try cname.alias(nil, to: "y")
        #expect(cname.lookup.records == [.cname(try DomainName("y"))])
        #expect(cname.lookup.aliases.isEmpty)
    }

    @Test func `keep the extended errors that a name server sends`() throws {
        func option(_ code: UInt8, _ data: [UInt8]) -> [UInt8] {
            [0, code, 0, UInt8(data.count)] + data
        }
        func lookup(_ options: [UInt8]) throws -> Lookup {
            var builder = try MessageBuilder("x.example", .a, rcode: 2)
            builder.additionals.append(
                [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, UInt8(options.count)] + options)
            return builder.lookup
        }
        let bogus = option(15, [0, 6] + Array("no signature\0".utf8))
        let both = try lookup(option(10, [1, 2]) + bogus + option(15, [0, 22]))
        #expect(both.status == .servfail)
        #expect(
            both.extendedErrors == ExtendedDNSErrors(codes: [6, 22], text: "no signature"))
        #expect(try lookup([]).extendedErrors == nil)
        // RFC 6891 §6.1.2: a length beyond the record.
        #expect(try lookup([0, 15, 0, 9, 0, 6]).extendedErrors == nil)
        #expect(try lookup([0, 15, 0, 9, 0, 6]).status == .servfail)
        let long = try lookup(option(15, [0, 6] + Array(repeating: 97, count: 240)))
        #expect(long.extendedErrors?.text?.utf8.count == 240)
    }

    @Test func `keep absence apart from ignorance`() throws {
        let expected: [(UInt16, LookupStatus)] = [
            (0, .nodata), (1, .rcode), (2, .servfail), (3, .nxdomain), (4, .rcode), (5, .refused),
            (9, .rcode),
        ]
        for (rcode, status) in expected {
            let lookup = try MessageBuilder("x.example", .a, rcode: rcode).lookup
            #expect(lookup.status == status)
            #expect(lookup.rcode == UInt8(rcode))
            #expect(lookup.isAuthenticated)
        }
    }

    @Test func `follow aliases in any order`() throws {
        var builder = try MessageBuilder("a.example", .a)
        try builder.answer("C.example", 1, ttl: 50, [192, 0, 2, 1])
        try builder.alias("b.example", to: "c.example", ttl: 40)
        try builder.answer("other.example", 1, ttl: 1, [192, 0, 2, 9])  // not asked for
        try builder.alias(nil, to: "B.example", ttl: 90)
        let lookup = builder.lookup
        #expect(lookup.status == .found)
        #expect(lookup.aliases.map(\.text) == ["b.example", "c.example"])
        #expect(lookup.records == [.a(.v4(0xC000_0201))])
        #expect(lookup.ttl == 40)
    }

    @Test func `keep the aliases that lead nowhere`() throws {
        for (rcode, status) in [(UInt16(0), LookupStatus.nodata), (3, .nxdomain)] {
            var builder = try MessageBuilder("a.example", .txt, rcode: rcode)
            try builder.alias(nil, to: "b.example", ttl: 7)
            let lookup = builder.lookup
            #expect(lookup.status == status)
            #expect(lookup.aliases.map(\.text) == ["b.example"])
            #expect(lookup.ttl == 7)
        }
    }

    @Test func `end where aliases loop or are too many`() throws {
        var loop = try MessageBuilder("a.example", .a)
        try loop.alias(nil, to: "b.example")
        try loop.alias("b.example", to: "a.example")
        #expect(loop.lookup.status == .aliasLoop)

        var chain = try MessageBuilder("0.example", .a)
        for index in 0..<16 { try chain.alias("\(index).example", to: "\(index + 1).example") }
        #expect(chain.lookup.status == .nodata)
        #expect(chain.lookup.aliases.count == 16)
        try chain.alias("16.example", to: "17.example")
        #expect(chain.lookup.status == .aliasLoop)
    }

    @Test func `ignore what was not asked for`() throws {
        var builder = try MessageBuilder("a.example", .a)
        try builder.answer(nil, 39, DomainName("dname.example").wire)  // DNAME
        try builder.answer(nil, 46, [1, 2, 3])  // RRSIG, unreadable
        builder.answers.append(try record(nil, 1, class: 3, [1, 2, 3]))  // class CH
        try builder.answer(nil, 1, [192, 0, 2, 1])
        #expect(builder.lookup.records == [.a(.v4(0xC000_0201))])
    }

    @Test func `read the RCODE's upper bits from OPT`() throws {
        var builder = try MessageBuilder("a.example", .a)
        builder.additionals = [try record(".", 41, class: 1232, ttl: 0x0100_0000, [])]
        #expect(builder.lookup.rcode == 16)  // BADVERS
        #expect(builder.lookup.status == .rcode)
    }

    @Test func `take a TTL with its top bit set for zero`() throws {
        var builder = try MessageBuilder("a.example", .a)
        try builder.answer(nil, 1, ttl: 0x8000_0001, [192, 0, 2, 1])
        #expect(builder.lookup.ttl == 0)  // RFC 2181 §8
    }

    @Test func `accept an error without its question`() throws {
        let question = Question(try DomainName("x"), .a)
        func lookup(rcode: UInt8) -> Lookup {
            let header = [0, 0, 0x81, rcode] + [UInt8](repeating: 0, count: 8)
            return Lookup(answering: question, message: header.span)
        }
        #expect(lookup(rcode: 5).status == .refused)
        #expect(lookup(rcode: 1).status == .rcode)
        #expect(lookup(rcode: 3).status == .malformed)  // absence of what?
        #expect(lookup(rcode: 0).status == .malformed)
    }
}

@Suite struct `names in messages` {
    @Test(
        arguments: [
            ([3, 77, 120, 49, 1, 97, 0], "mx1.a"),  // capitals
            ([1, 97, 3, 66, 46, 0, 2, 92, 99, 0], #"a.b\.\000.\\c"#),  // escapes
            ([1, 97, 0xC0, 12], "a.example"),
            ([0], ""),
        ] as [([UInt8], String)])
    func `are read as text`(wire: [UInt8], text: String) throws {
        var builder = try MessageBuilder("example", .mx)
        try builder.answer(nil, 15, [0, 10] + wire)
        #expect(
            builder.lookup.records == [.mx(preference: 10, exchange: DomainName(canonical: text))])
    }
}

@Suite struct `queries` {
    @Test func `ask one question with EDNS and AD`() throws {
        let message = message(of: Question(try DomainName("ab.c"), .tlsa))
        let header: [UInt8] = [0xBE, 0xEF, 0x01, 0x20, 0, 1, 0, 0, 0, 0, 0, 1]
        let question: [UInt8] = [2, 97, 98, 1, 99, 0, 0, 52, 0, 1]
        let opt: [UInt8] = [0, 0, 41, 0x04, 0xD0, 0, 0, 0, 0, 0, 0]
        #expect(opt.count == 11)
        #expect(message == header + question + opt)
    }

    @Test(arguments: ["ab.c", #"a\.b\000.c"#, #"a\\.c"#, "."])
    func `ask under labels as for the whole name`(text: String) throws {
        let base = try DomainName(text)
        let question = try #require(Question(.smtpTLS, of: base, .txt))
        #expect(try question.name == base.prefixed(by: DomainName("_smtp._tls")))
        #expect(message(of: question) == message(of: Question(question.name, .txt)))
        var builder = try MessageBuilder(question.name.description, .txt)
        #expect(Lookup(answering: question, message: builder.message.span).status == .nodata)
        try builder.answer(nil, 16, strings("a"))
        #expect(Lookup(answering: question, message: builder.message.span).status == .found)
        builder.question = Question(base, .txt)
        #expect(Lookup(answering: question, message: builder.message.span).status == .malformed)
    }

    @Test func `do not ask under labels that make the name too long`() throws {
        let labels = Array(repeating: "abcdefg", count: 30) + ["abcd"]
        let name = try DomainName(labels.joined(separator: "."))
        #expect(Question(.mtaSTS, of: name, .txt)?.name.wire.count == 255)
        #expect(Question(.smtpTLS, of: name, .txt) == nil)
    }

    private func message(of question: Question) -> [UInt8] {
        var message: [UInt8] = []
        question.withMessage(id: 0xBEEF) { octets in
            for index in octets.indices { message.append(octets[index]) }
        }
        return message
    }
}
