/// A key of an object as the octets before its value, ready to be copied.
public struct FieldKey: Sendable {
    /// A comma, the key and its colon.
    let octets: [UInt8]
    /// The same with the quotation mark that opens a string.
    let opening: [UInt8]
    /// The same with the bracket that opens an array.
    let array: [UInt8]
    /// The same with `null`.
    let null: [UInt8]

    init(_ name: String) {
        octets = Array(",\"\(name)\":".utf8)
        opening = octets + [UInt8(ascii: "\"")]
        array = octets + [UInt8(ascii: "[")]
        null = octets + Array("null".utf8)
    }
}

extension FieldValue {
    /// Appends the key, then the value.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        line.append(key.octets.span)
        appendJSON(to: &line)
    }
}
