import SMTP
import Testing

private func send(_ text: String) -> Action { .send(Array("\(text)\r\n".utf8)) }

extension StartTLSConversation {
    fileprivate mutating func received(_ line: String) -> Action {
        received(Array("\(line)\r\n".utf8))
    }

    /// A conversation that has had the replies of a good server up to `step`.
    fileprivate init(upTo step: Int) {
        self.init(ehloName: "survey.example")
        _ = start()
        for line in ["220 mx", "250-mx\r\n250 STARTTLS", "220 go"].prefix(step) {
            _ = received(line)
        }
    }
}

@Suite struct `conversations` {
    @Test func `show the TLS of a good server`() {
        var conversation = StartTLSConversation(ehloName: "survey.example")
        #expect(conversation.start() == .wait)
        #expect(conversation.received("220-mx") == .wait)
        #expect(conversation.received("220 ESMTP") == send("EHLO survey.example"))
        #expect(conversation.received("250-mx\r\n250-SIZE 1\r\n250 STARTTLS") == send("STARTTLS"))
        #expect(conversation.received("220 go") == .startTLS)
        #expect(conversation.tlsEstablished() == send("EHLO survey.example"))
        #expect(conversation.received("250-mx\r\n250 REQUIRETLS") == send("QUIT"))
        #expect(conversation.received("221 bye") == .finish(.ok))
        let replies = conversation.replies
        #expect(replies.greeting == ReplyText(code: 220, bytes: Array("220-mx\n220 ESMTP".utf8)))
        #expect(replies.ehlo?.code == 250 && replies.secureEHLO?.code == 250)
        #expect(conversation.extensions?.keywords == ["SIZE", "STARTTLS"])
        #expect(replies.starttls == ReplyText(code: 220, bytes: Array("220 go".utf8)))
        #expect(conversation.deviations.isEmpty)
        #expect(conversation.plaintextAfterStartTLS.isEmpty)
        #expect(conversation.tlsExtensions?.offersREQUIRETLS == true)
    }

    @Test(arguments: [
        (0, "450 later", Outcome.greeting4xx),
        (0, "554 blocked", .greeting5xx),
        (0, "354 what", .notSMTP),
        (1, "450 later", .ehlo4xx),
        (1, "451 later", .ehlo4xx),
        (1, "452 later", .ehlo4xx),
        (1, "500 what", .starttlsNotOffered),  // RFC 5321 §4.1.4: EHLO is not known
        (1, "501 bad name", .starttlsNotOffered),
        (1, "502 what", .starttlsNotOffered),
        (1, "503 no", .ehlo5xx),
        (1, "504 bad name", .ehlo5xx),
        (1, "521 no mail", .ehlo5xx),
        (1, "550 not you", .ehlo5xx),
        (1, "554 not you", .ehlo5xx),
        (1, "354 what", .notSMTP),
        (1, "250 mx", .starttlsNotOffered),
        (1, "250 STARTTLS", .starttlsNotOffered),  // the first line is the server's name
        (1, "250-mx\r\n250 XXXXXXXA", .starttlsStripped),
        (2, "454 4.7.0 later", .starttls4xx),
        (2, "450 later", .starttls4xx),
        (2, "501 no", .starttls5xx),
        (2, "502 no", .starttls5xx),
        (2, "554 no", .starttls5xx),
        (2, "334 what", .notSMTP),
    ])
    func `quit after a refusal`(step: Int, line: String, outcome: Outcome) {
        var conversation = StartTLSConversation(upTo: step)
        #expect(conversation.outcome == nil)
        #expect(conversation.received(line) == send("QUIT"))
        #expect(conversation.outcome == outcome)
        var other = conversation
        #expect(conversation.received("221 bye") == .finish(outcome))
        #expect(other.timedOut() == .finish(outcome))
        #expect(other.closed() == .finish(outcome))
    }

    @Test(arguments: [
        (0, Outcome.greetingClosed, Outcome.greetingTimeout, Outcome.greeting4xx),
        (1, .ehloClosed, .ehloTimeout, .ehlo4xx),
        (2, .starttlsClosed, .starttlsTimeout, .starttls4xx),
    ])
    func `end by close, silence, garbage or 421`(
        step: Int, closed: Outcome, timedOut: Outcome, unavailable: Outcome
    ) {
        var conversation = StartTLSConversation(upTo: step)
        #expect(conversation.closed() == .finish(closed))
        conversation = StartTLSConversation(upTo: step)
        #expect(conversation.timedOut() == .finish(timedOut))
        conversation = StartTLSConversation(upTo: step)
        #expect(conversation.received("garbage") == .finish(.notSMTP))
        #expect(conversation.received("220 mx") == .finish(.notSMTP))
        conversation = StartTLSConversation(upTo: step)
        #expect(conversation.received("421 closing") == .finish(unavailable))
    }

    @Test func `keep what an unreadable peer said`() {
        var conversation = StartTLSConversation(upTo: 0)
        #expect(conversation.received("220-mx\r\nSSH-2.0") == .finish(.notSMTP))
        let greeting = Array("220-mx\nSSH-2.0\r\n".utf8)
        #expect(conversation.replies.greeting == ReplyText(code: nil, bytes: greeting))
    }

    @Test func `keep what a peer said that ends within a reply`() {
        var conversation = StartTLSConversation(upTo: 1)
        #expect(conversation.received("250-mx\r\n250-SI") == .wait)
        #expect(conversation.closed() == .finish(.ehloClosed))
        let text = Array("250-mx\n250-SI".utf8)
        #expect(conversation.replies.ehlo == ReplyText(code: nil, bytes: text))
    }

    @Test func `take what senders take, and note how it differs`() {
        var conversation = StartTLSConversation(ehloName: "survey.example")
        #expect(conversation.received("250 mx\u{0}") == send("EHLO survey.example"))
        #expect(conversation.received("220-mx\r\n252 STARTTLS") == send("STARTTLS"))
        #expect(
            conversation.deviations == [.controlOctet, .greetingCode, .mixedCodes, .ehloCode])
    }

    @Test func `go on after another 2xx to STARTTLS, which is not the RFC's`() {
        var conversation = StartTLSConversation(upTo: 2)
        #expect(conversation.received("250 go") == .startTLS)
        _ = conversation.tlsEstablished()
        #expect(conversation.received("250 mx") == send("QUIT"))
        #expect(conversation.outcome == .starttls2xx)
    }

    @Test func `notice plain text behind the 220 and do not read it as TLS`() {
        var conversation = StartTLSConversation(upTo: 2)
        #expect(conversation.received("220 go\r\n250 injected") == .startTLS)
        #expect(conversation.plaintextAfterStartTLS == Array("250 injected\r\n".utf8))
        #expect(conversation.tlsEstablished() == send("EHLO survey.example"))
        #expect(conversation.received("250 mx") == send("QUIT"))
        #expect(conversation.tlsExtensions?.lines.isEmpty == true)
    }

    @Test(arguments: ["502 no", "421 closing", "451 later"])
    func `are good once the peer has replied inside TLS`(line: String) {
        var conversation = StartTLSConversation(upTo: 3)
        _ = conversation.tlsEstablished()
        let action = conversation.received(line)
        #expect(action == send("QUIT") || action == .finish(.ok))
        #expect(conversation.timedOut() == .finish(.ok))
    }

    @Test func `are not good before that`() {
        func end(_ event: (inout StartTLSConversation) -> Action) -> Action {
            var conversation = StartTLSConversation(upTo: 3)
            _ = conversation.tlsEstablished()
            return event(&conversation)
        }
        #expect(end { $0.closed() } == .finish(.tlsEHLOClosed))
        #expect(end { $0.timedOut() } == .finish(.tlsEHLOTimeout))
        #expect(end { $0.alerted() } == .finish(.tlsAlert))
        #expect(end { $0.received("garbage") } == .finish(.notSMTP))
    }

    @Test func `never begin a mail`() {
        var sent: [[UInt8]] = []
        for step in 0...3 {
            for line in ["220 x", "250 x", "354 x", "450 x", "550 x"] {
                var conversation = StartTLSConversation(upTo: step)
                if case .send(let bytes) = conversation.received(line) { sent.append(bytes) }
            }
        }
        let commands = Set(sent.map { String(decoding: $0.prefix(4), as: UTF8.self) })
        #expect(commands.isSubset(of: ["EHLO", "STAR", "QUIT"]))
    }
}

@Suite struct `any octets` {
    @Test func `leave a conversation with an action`() {
        let valid = Array("220 a\r\n250-b\r\n250 STARTTLS\r\n220 c\r\n250 d\r\n221 e\r\n".utf8)
        for index in valid.indices {
            for value in UInt8.min...UInt8.max {
                var bytes = valid
                bytes[index] = value
                var conversation = StartTLSConversation(ehloName: "survey.example")
                for byte in bytes where conversation.received([byte]) == .startTLS {
                    _ = conversation.tlsEstablished()
                }
                guard case .finish = conversation.closed() else {
                    Issue.record("no end after \(value) at \(index)")
                    return
                }
            }
        }
    }
}
