extension MessageReader {
    /// Reads the data of a record of `type`, which must end exactly at `end`; nil for a type of
    /// which only the presence of records matters.
    mutating func readData(
        of type: RecordType, end: Int
    ) throws(MalformedMessage) -> RecordData? {
        let data: RecordData?
        switch type {
        case .a: data = .a(try readAddress(count: 4, end: end))
        case .aaaa: data = .aaaa(try readAddress(count: 16, end: end))
        case .ns: data = .ns(try readName())
        case .cname: data = .cname(try readName())
        case .ptr: data = .ptr(try readName())
        case .mx: data = .mx(preference: try readUInt16(), exchange: try readName())
        case .txt: data = .txt(try readStrings(end: end))
        case .tlsa: data = .tlsa(try readTLSA(end: end))
        case .soa: return nil
        }
        guard position == end else { throw MalformedMessage() }
        return data
    }

    /// RFC 1035 §3.4.1, RFC 3596 §2.2.
    private mutating func readAddress(count: Int, end: Int) throws(MalformedMessage) -> IPAddress {
        guard end - position == count else { throw MalformedMessage() }
        if count == 4 { return .v4(try readUInt32()) }
        return .v6(high: try readUInt64(), low: try readUInt64())
    }

    private mutating func readUInt64() throws(MalformedMessage) -> UInt64 {
        let high = try readUInt32()
        return UInt64(high) << 32 | UInt64(try readUInt32())
    }

    /// One or more character-strings (RFC 1035 §3.3.14).
    private mutating func readStrings(end: Int) throws(MalformedMessage) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        repeat {
            guard position < end else { throw MalformedMessage() }
            let count = Int(try readUInt8())
            guard count <= end - position else { throw MalformedMessage() }
            strings.append(try readBytes(count))
        } while position < end
        return strings
    }

    /// RFC 6698 §2.1.
    private mutating func readTLSA(end: Int) throws(MalformedMessage) -> TLSARecord {
        guard end - position >= 3 else { throw MalformedMessage() }
        return TLSARecord(
            usage: try readUInt8(), selector: try readUInt8(), matchingType: try readUInt8(),
            data: try readBytes(end - position))
    }
}
