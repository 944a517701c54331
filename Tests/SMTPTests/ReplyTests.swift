import SMTP
import Testing

/// The events of all bytes in one piece.
private func events(_ text: String) -> [ReplyParser.Event] {
    events([Array(text.utf8)])
}

private func events(_ pieces: [[UInt8]]) -> [ReplyParser.Event] {
    var parser = ReplyParser()
    var events: [ReplyParser.Event] = []
    for piece in pieces {
        parser.append(piece)
        var event = parser.next()
        while case .reply = event {
            events.append(event)
            event = parser.next()
        }
        if event == .malformed { return events + [event] }
    }
    return events
}

private func replies(_ text: String) -> [Reply] {
    events(text).compactMap { if case .reply(let reply) = $0 { reply } else { nil } }
}

@Suite struct `smtp replies` {
    @Test(arguments: [
        ("220 mx ESMTP\r\n", 220, ["mx ESMTP"]),
        ("250-mx\r\n250-PIPELINING\r\n250 STARTTLS\r\n", 250, ["mx", "PIPELINING", "STARTTLS"]),
        ("220 mx\n", 220, ["mx"]),  // bare LF
        ("220\r\n", 220, [""]),  // no text at all
        ("220-\r\n220 \r\n", 220, ["", ""]),
        ("220 bücher\r\n", 220, ["bücher"]),  // UTF-8 in the field
        ("599 x\r\n", 599, ["x"]),
    ])
    func `have a code and lines`(text: String, code: Int, lines: [String]) throws {
        let reply = try #require(replies(text).first)
        #expect(reply.code == code)
        #expect(reply.lines == lines.map { Array($0.utf8) })
        #expect(reply.deviations == (text.contains("\r\n") ? [] : [.bareLineFeed]))
        // Cut at any octet, the reply is the same.
        #expect(events(Array(text.utf8).map { [$0] }) == [.reply(reply)])
    }

    @Test(arguments: [
        "HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-x", "\u{15}\u{3}\u{1}", "\r\n", "22 x\r\n",
        "220x\r\n", "220_x\r\n", "120 x\r\n", "620 x\r\n", "2O0 x\r\n", "250-a\r\nb\r\n",
        " 220 x\r\n", "x", "Welcome\r\n220 mx\r\n",
    ])
    func `are told from other protocols`(text: String) {
        #expect(events(text).last == .malformed)
        #expect(events(Array(text.utf8).map { [$0] }).last == .malformed)
    }

    @Test(
        arguments: [
            ("220 a\u{0}b\r\n", 220, [.controlOctet]),
            ("220 \u{1B}[1mmx\u{7F}\r\n", 220, [.controlOctet]),
            ("250-a\r\n220 b\r\n", 220, [.mixedCodes]),
            ("220-a\r\n554 b\r\n", 554, [.mixedCodes]),
            ("220 mx\n", 220, [.bareLineFeed]),
            ("220 mx\r\r\n", 220, [.controlOctet]),
            ("220-mx\r\r\r\n220\r\r\n", 220, [.controlOctet]),
        ] as [(String, Int, Set<ReplyDeviation>)])
    func `are read leniently, and it is noted how they differ`(
        text: String, code: Int, deviations: Set<ReplyDeviation>
    ) throws {
        let reply = try #require(replies(text).first)
        #expect(reply.code == code && reply.deviations == deviations)
        #expect(events(Array(text.utf8).map { [$0] }) == [.reply(reply)])
        #expect(reply.bytes.split(separator: 0x0A).count == reply.lines.count)
    }

    @Test(arguments: [508, 2000, 2043, 2044, 2045, 2046, 5000, 60_000])
    func `may have long lines, of which a part is kept`(count: Int) throws {
        let text = "220-\(String(repeating: "x", count: count))\r\n220 y\r\n"
        let reply = try #require(replies(text).first)
        #expect(reply.deviations == [.longLine])
        #expect(reply.lines.map(\.count) == [min(count, ReplyParser.lineOctetsMax - 4), 1])
        #expect(events(Array(text.utf8).map { [$0] }) == [.reply(reply)])
    }

    @Test func `may have many lines`() {
        let lines = String(repeating: "250-x\r\n", count: 151) + "250 STARTTLS\r\n"
        #expect(replies(lines).first?.lines.count == 152)
        #expect(replies(lines).first?.deviations == [])
    }

    @Test func `have limits`() {
        let line = String(repeating: "x", count: 2000)
        #expect(replies("220 \(line.prefix(506))\r\n").first?.deviations == [])
        #expect(replies("220 \(line.prefix(507))\r\n").first?.deviations == [.longLine])
        let endless = String(repeating: line, count: 33)
        #expect(events("220 \(endless)\r\n") == [.malformed])
        #expect(events("220 \(endless)") == [.malformed])  // without waiting for its end
        #expect(events(String(repeating: "220-x\r\n", count: 1001)) == [.malformed])
        #expect(events(String(repeating: "220-\(line)\r\n", count: 33)) == [.malformed])
    }

    @Test(
        arguments: [
            ("454 4.7.0 TLS not available\r\n", "4.7.0"),
            ("550 5.7.25 no PTR\r\n", "5.7.25"),
            ("550 4.7.1 other class\r\n", nil),
            ("554 mx.example.com no\r\n", nil),
            ("554 5.7\r\n", nil),
            ("554 5.7.1.1 x\r\n", nil),
        ] as [(String, String?)])
    func `may have an enhanced status`(text: String, status: String?) {
        #expect(replies(text).first?.enhancedStatus == status)
    }

    @Test func `keep the bytes as sent`() {
        #expect(replies("220-a\r\n220 b\r\n").first?.bytes == Array("220-a\n220 b".utf8))
    }
}

@Suite struct `smtp extensions` {
    private func extensions(_ lines: String...) -> Extensions {
        Extensions(lines: lines.map { Array($0.utf8) })
    }

    @Test func `are keywords, not pieces of text`() {
        #expect(extensions("starttls").offersSTARTTLS)
        #expect(extensions("STARTTLS REQUIRED").offersSTARTTLS)
        #expect(!extensions("XSTARTTLS", "STARTTLSX", "SIZE STARTTLS").offersSTARTTLS)
        #expect(extensions("AUTH=LOGIN").contains("auth"))
        #expect(extensions("REQUIRETLS").offersREQUIRETLS)
        #expect(extensions("PIPELINING").offersPIPELINING)
    }

    @Test(arguments: [
        ("XXXXXXXX", true), ("XXXXXXXA", true), ("XXXXXXXXXXXX", true), ("XXXX", true),
        ("XCLIENT", false), ("XXX", false), ("XEXCH50", false), ("SIZE XXXXXXXX", false),
    ])
    func `are seen to be overwritten`(line: String, isOverwritten: Bool) {
        #expect(extensions(line).hasOverwrittenKeyword == isOverwritten)
    }
}
