import DNS
import ScriptedServers
import Testing

@Suite struct `malformed messages` {
    @Test func `are told from answers by header and question`() throws {
        let good = try MessageBuilder("a.example", .a)
        #expect(good.lookup.status == .nodata)
        for flags: UInt16 in [0x01A0, 0x83A0, 0x89A0] {  // a query, truncated, opcode 1
            var builder = good
            builder.flags = flags
            #expect(builder.lookup.status == .malformed)
        }
        for other in [
            ("b.example", RecordType.a), ("a.example", .aaaa), ("a.exampl", .a),
            (#"a\.example"#, .a), ("a.example.b", .a), ("a", .a), (".", .a),
        ] {
            let question = Question(try DomainName(other.0), other.1)
            #expect(Lookup(answering: question, message: good.message.span).status == .malformed)
        }
        let dotted = try MessageBuilder(#"a\.b\\.example"#, .a)
        #expect(dotted.lookup.status == .nodata)
        for other in [#"a.b\\.example"#, #"a\.b.example"#, "a.b.example"] {
            let question = Question(try DomainName(other), .a)
            #expect(Lookup(answering: question, message: dotted.message.span).status == .malformed)
        }
        // The octets of the one name are the characters of the other.
        let slashed = try MessageBuilder(#"a\\b.example"#, .a)
        let question = Question(try DomainName(#"a\b.example"#), .a)
        #expect(Lookup(answering: question, message: slashed.message.span).status == .malformed)
        var twice = good.message
        twice[5] = 2  // two questions, one there
        #expect(Lookup(answering: good.question, message: twice.span).status == .malformed)
    }

    @Test(
        arguments: [
            (RecordType.a, [192, 0, 2]),  // three octets
            (.a, [192, 0, 2, 1, 1]),
            (.aaaa, [192, 0, 2, 1]),
            (.mx, [0]),
            (.mx, [0, 10]),  // no exchange
            (.mx, [0, 10, 1, 97]),  // exchange runs out of the data
            (.mx, [0, 10, 1, 97, 0, 0]),  // octets behind it
            (.mx, [0, 10, 0xC0, 0xFF]),  // pointer out of the message
            (.mx, [0, 10, 0xC0, 41]),  // pointer to itself
            (.mx, [0, 10, 0x41, 97, 0]),  // label type 01
            (.txt, []),  // no string
            (.txt, [5, 97]),  // string runs out of the data
            (.tlsa, [3, 1]),
        ] as [(RecordType, [UInt8])])
    func `have broken data`(type: RecordType, data: [UInt8]) throws {
        var builder = try MessageBuilder("a.example", type)
        try builder.answer(nil, type.rawValue, data)
        #expect(builder.lookup.status == .malformed)
    }

    @Test func `point forwards or in circles`() throws {
        var circle = try MessageBuilder("a.example", .a)
        // The owner, at octet 27, is a label with a pointer back to that label.
        circle.answers = [[1, 97, 0xC0, 27] + (try record(".", 1, [1, 2, 3, 4])).dropFirst()]
        #expect(circle.lookup.status == .malformed)
    }

    @Test func `never crash, cut at any octet or with any octet changed`() throws {
        var builder = try MessageBuilder("a.example", .mx)
        try builder.alias(nil, to: "b.example")
        try builder.answer("b.example", 15, [0, 10, 1, 97, 0xC0, 12])
        builder.authorities = [try record("example", 6, [0, 0] + [UInt8](repeating: 1, count: 20))]
        builder.additionals = [try record(".", 41, class: 1232, ttl: 0, [0, 10, 0, 2, 1, 1])]
        let message = builder.message
        #expect(builder.lookup.status == .found)
        for count in 0..<message.count {
            let cut = Array(message[..<count])
            #expect(Lookup(answering: builder.question, message: cut.span).status == .malformed)
        }
        for index in message.indices {
            for value in UInt8.min...UInt8.max {
                var changed = message
                changed[index] = value
                _ = Lookup(answering: builder.question, message: changed.span)
            }
        }
    }
}
