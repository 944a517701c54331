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
        [UInt8](capacity: 12 + name.wireCount + 15) { octets in
            append(id, to: &octets)
            append(0x0120, to: &octets)  // RD, AD
            append(1, to: &octets)  // QDCOUNT
            append(0, to: &octets)
            append(0, to: &octets)
            append(1, to: &octets)  // ARCOUNT
            name.appendWire(to: &octets)
            append(type.rawValue, to: &octets)
            append(1, to: &octets)  // class IN
            // RFC 6891 §6.1.2: OPT of the root, payload size as class, no flags, no options.
            octets.append(0)
            append(41, to: &octets)
            append(Question.udpPayloadSize, to: &octets)
            append(0, to: &octets)
            append(0, to: &octets)
            append(0, to: &octets)
        }
    }
}

private func append(_ value: UInt16, to octets: inout OutputSpan<UInt8>) {
    octets.append(UInt8(value >> 8))
    octets.append(UInt8(value & 0xFF))
}
