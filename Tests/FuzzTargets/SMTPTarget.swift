internal import SMTP

/// The first octet says how the rest is cut into packets.
func takeSMTP(_ octets: [UInt8]) {
    let size = 1 + Int(octets.first ?? 0) % 64
    let stream = Array(octets.dropFirst())
    // However the bytes are cut, the replies are the same.
    precondition(replies(in: stream, by: size) == replies(in: stream, by: stream.count))
    converse(stream, by: size)
}

private func replies(in stream: [UInt8], by size: Int) -> [ReplyParser.Event] {
    var parser = ReplyParser()
    var events: [ReplyParser.Event] = []
    for start in stride(from: 0, to: stream.count, by: max(1, size)) {
        parser.append(stream[start..<min(start + size, stream.count)])
        while true {
            let event = parser.next()
            if event == .malformed { return events + [event] }
            guard case .reply(let reply) = event else { break }
            precondition((200...599).contains(reply.code) && !reply.lines.isEmpty)
            precondition(reply.bytes.count <= ReplyParser.replyOctetsMax)
            _ = (reply.enhancedStatus, Extensions(reply))
            events.append(event)
        }
    }
    return events
}

/// A conversation ends once, in one way.
private func converse(_ stream: [UInt8], by size: Int) {
    var conversation = StartTLSConversation(ehloName: "a.example")
    var end: Outcome?
    _ = conversation.start()
    for start in stride(from: 0, to: stream.count, by: size) {
        var action = conversation.received(stream[start..<min(start + size, stream.count)])
        if action == .startTLS { action = conversation.tlsEstablished() }
        guard case .finish(let outcome) = action else {
            precondition(end == nil)
            continue
        }
        precondition(end == nil || end == outcome)
        end = outcome
    }
    guard case .finish(let outcome) = conversation.closed() else {
        preconditionFailure("a closed connection does not end the conversation")
    }
    precondition(end == nil || end == outcome)
    precondition(conversation.timedOut() == .finish(outcome))
}
