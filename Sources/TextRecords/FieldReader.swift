internal import DNS

/// Reads the fields of a TXT record, separated by semicolons, after its version.
///
/// RFC 8461 §3.1, RFC 8460 §3: `version 1*(delim field) [delim]`, where a delimiter is
/// `*WSP ";" *WSP`.
package struct FieldReader {
    private let text: [UInt8]
    private var position: Int
    private var names: Set<[UInt8]> = [Array("v".utf8)]
    /// Where white space begins that ends the record without a semicolon before it; nil where none
    /// does.
    package private(set) var strayWhitespace: Int?

    /// A reader of what follows so many octets of a record.
    package init(_ text: [UInt8], after prefix: Int) {
        self.text = text
        position = prefix
        skipWhitespace()
    }

    /// The next field without the white space around it, which can be empty; nil at the end.
    package mutating func next() -> ArraySlice<UInt8>? {
        guard position < text.count else { return nil }
        let rest = text[position...]
        let whole = rest[..<(rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex)]
        let field = whole.droppingTrailingWhitespace
        position = field.endIndex
        skipDelimiter()
        return field
    }

    /// Whether this is the first field of this name.
    package mutating func isFirst(_ name: ArraySlice<UInt8>) -> Bool {
        names.insert(Array(name)).inserted
    }

    private mutating func skipDelimiter() {
        let start = position
        skipWhitespace()
        guard position < text.count else {
            // White space ends the record only after a semicolon.
            if position > start { strayWhitespace = start }
            return
        }
        position += 1
        skipWhitespace()
    }

    private mutating func skipWhitespace() {
        while position < text.count, text[position].isWhitespace { position += 1 }
    }
}
