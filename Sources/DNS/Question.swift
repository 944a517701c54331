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

    /// The query message: recursion desired, one question, and EDNS without the DO bit.
    ///
    /// The AD bit asks the name server for its AD bit without all the signatures (RFC 6840 §5.7).
    /// The OPT record is the message's last 11 octets.
    public func message(id: UInt16) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(name.text.utf8.count + 29)
        func append(_ value: UInt16) {
            octets.append(UInt8(value >> 8))
            octets.append(UInt8(value & 0xFF))
        }
        append(id)
        append(0x0120)  // RD, AD
        append(1)  // QDCOUNT
        append(0)
        append(0)
        append(1)  // ARCOUNT
        octets += name.wire
        append(type.rawValue)
        append(1)  // class IN
        // RFC 6891 §6.1.2: OPT of the root, payload size as class, no flags, no options.
        octets.append(0)
        append(41)
        append(Question.udpPayloadSize)
        append(0)
        append(0)
        append(0)
        return octets
    }
}
