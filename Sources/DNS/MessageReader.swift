/// The message breaks the format of RFC 1035 §4.
struct MalformedMessage: Error {}

/// The fields between the owner of a record and its data (RFC 1035 §4.1.3).
struct RecordHead {
    let type: UInt16
    let recordClass: UInt16
    let ttl: UInt32
    let length: Int
}

/// Reads a DNS message front to back, within its bounds.
///
/// Compression pointers only go backwards, so that every name ends.
struct MessageReader: ~Escapable {
    let bytes: Span<UInt8>
    private(set) var position: Int

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, at position: Int = 0) {
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
        return uint16(at: position - 2)
    }

    mutating func readUInt32() throws(MalformedMessage) -> UInt32 {
        let high = try readUInt16()
        return UInt32(high) << 16 | UInt32(try readUInt16())
    }

    mutating func readBytes(_ count: Int) throws(MalformedMessage) -> [UInt8] {
        try skip(count)
        let source = bytes.extracting(position - count..<position)
        var octets = [UInt8](repeating: 0, count: count)
        var target = octets.mutableSpan
        for index in 0..<count { target[index] = source[index] }
        return octets
    }

    /// Reads the fields between the owner of a record and its data (RFC 1035 §4.1.3).
    mutating func readRecordHead() throws(MalformedMessage) -> RecordHead {
        try skip(10)
        let head = MessageReader(bytes.extracting(position - 10..<position))
        let length = head.uint16(at: 8)
        return RecordHead(
            type: head.uint16(at: 0), recordClass: head.uint16(at: 2),
            ttl: UInt32(head.uint16(at: 4)) << 16 | UInt32(head.uint16(at: 6)),
            length: Int(length))
    }

    /// The two octets at an offset as a number; they must have been received.
    @inline(__always)
    func uint16(at place: Int) -> UInt16 {
        UInt16(bytes[place]) << 8 | UInt16(bytes[place + 1])
    }

    /// Moves past a name without following its pointer (RFC 1035 §4.1.4).
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
        var cursor = position
        var start = position
        var end: Int?
        while true {
            guard cursor < bytes.count else { throw MalformedMessage() }
            let length = Int(bytes[cursor])
            cursor += 1
            switch length {
            case 0:
                position = end ?? cursor
                return writer.name()
            case 1...63:
                guard length <= bytes.count - cursor,
                    writer.append(bytes.extracting(cursor..<cursor + length))
                else { throw MalformedMessage() }
                cursor += length
            case 0xC0...:
                guard cursor < bytes.count else { throw MalformedMessage() }
                let target = (length & 0x3F) << 8 | Int(bytes[cursor])
                guard target < start else { throw MalformedMessage() }
                end = end ?? cursor + 1
                (cursor, start) = (target, target)
            default:
                throw MalformedMessage()
            }
        }
    }
}
