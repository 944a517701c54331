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

/// A field of a name and a value that its RFC gives no meaning.
public struct ExtensionField: Hashable, Sendable {
    /// The name, as written.
    public var name: [UInt8]
    /// The value, as written.
    public var value: [UInt8]

    /// A field of these octets.
    package init(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) {
        self.name = Array(name)
        self.value = Array(value)
    }

    /// Where a name and a value break the rule of such a field; nil where they keep it.
    ///
    /// RFC 8461 §3.1, RFC 8460 §3: the name is `(ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" /
    /// ".")`, the value `1*(%x21-3A / %x3C / %x3E-7E)`.
    package static func fault(_ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>) -> Int? {
        if let offset = name.fieldNameFault { return offset }
        let fault = value.firstIndex { !$0.isVisible || $0 == UInt8(ascii: "=") }
        return fault ?? (value.isEmpty ? value.startIndex : nil)
    }
}
