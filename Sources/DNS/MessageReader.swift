/// The message breaks the format of RFC 1035 §4.
struct MalformedMessage: Error {}

/// Reads a DNS message front to back, within its bounds.
///
/// Compression pointers only go backwards, so that every name ends.
struct MessageReader {
    let bytes: [UInt8]
    private(set) var position: Int

    init(_ bytes: [UInt8], at position: Int = 0) {
        self.bytes = bytes
        self.position = position
    }

    mutating func skip(_ count: Int) throws(MalformedMessage) {
        guard bytes.count - position >= count else { throw MalformedMessage() }
        position += count
    }

    mutating func readUInt8() throws(MalformedMessage) -> UInt8 {
        try skip(1)
        return bytes[position - 1]
    }

    mutating func readUInt16() throws(MalformedMessage) -> UInt16 {
        try skip(2)
        return UInt16(bytes[position - 2]) << 8 | UInt16(bytes[position - 1])
    }

    mutating func readUInt32() throws(MalformedMessage) -> UInt32 {
        let high = try readUInt16()
        return UInt32(high) << 16 | UInt32(try readUInt16())
    }

    mutating func readBytes(_ count: Int) throws(MalformedMessage) -> ArraySlice<UInt8> {
        try skip(count)
        return bytes[position - count..<position]
    }

    /// Moves behind a name without reading what its pointer points to (RFC 1035 §4.1.4).
    mutating func skipName() throws(MalformedMessage) {
        while true {
            let length = try readUInt8()
            switch length {
            case 0: return
            case 1...63: try skip(Int(length))
            case 0xC0...: return try skip(1)
            default: throw MalformedMessage()
            }
        }
    }

    /// Reads a name, following compression pointers (RFC 1035 §4.1.4).
    mutating func readName() throws(MalformedMessage) -> DomainName {
        var writer = DomainNameWriter()
        var start = position
        var end: Int?
        while true {
            let length = try readUInt8()
            switch length {
            case 0:
                position = end ?? position
                return writer.name
            case 1...63:
                let label = try readBytes(Int(length))
                guard (try? writer.append(label)) != nil else { throw MalformedMessage() }
            case 0xC0...:
                let target = Int(length & 0x3F) << 8 | Int(try readUInt8())
                guard target < start else { throw MalformedMessage() }
                end = end ?? position
                position = target
                start = target
            default:
                throw MalformedMessage()
            }
        }
    }
}
