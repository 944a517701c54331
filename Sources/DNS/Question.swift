/// One question: a name and a type, class IN.
public struct Question: Hashable, Sendable {
    /// The name asked for.
    public var name: DomainName
    /// The type asked for.
    public var type: RecordType

    /// Asks for `type` at `name`.
    public init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }
}

extension Question {
    /// The size of UDP answers that queries allow, so that they are not fragmented.
    public static let udpPayloadSize: UInt16 = 1232

    /// Has `body` use the query message: recursion desired, one question, and EDNS without the DO
    /// bit.
    ///
    /// The AD bit asks the name server for its AD bit without all the signatures (RFC 6840 §5.7).
    /// The OPT record is the message's last 11 octets. The message is gone when this returns.
    public func withMessage(id: UInt16, _ body: (Span<UInt8>) -> Void) {
        var draft = MessageDraft()
        draft.append(id)
        draft.append(0x0120 as UInt16)  // RD, AD
        draft.append(1 as UInt16)  // QDCOUNT
        draft.append(0 as UInt16)
        draft.append(0 as UInt16)
        draft.append(1 as UInt16)  // ARCOUNT
        draft.append(name)
        draft.append(type.rawValue)
        draft.append(1 as UInt16)  // class IN
        // RFC 6891 §6.1.2: OPT of the root, payload size as class, no flags, no options.
        draft.append(0 as UInt8)
        draft.append(41 as UInt16)
        draft.append(Question.udpPayloadSize)
        draft.append(0 as UInt16)
        draft.append(0 as UInt16)
        draft.append(0 as UInt16)
        body(draft.octets.span.extracting(first: draft.count))
    }
}
