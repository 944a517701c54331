internal import DNS

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
