public import DNS

extension String: FieldValue {
    /// A string.
    public static var fieldType: FieldType { .string }

    /// Appends the text as a JSON string.
    public func appendJSON(to line: inout LineBuffer) { line.appendJSON(self) }

    /// Appends the key, then the text as a JSON string.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        line.append(key.opening.span)
        line.appendJSONRest(self)
    }
}

extension Bool: FieldValue {
    /// A boolean.
    public static var fieldType: FieldType { .boolean }

    /// Appends `true` or `false`.
    public func appendJSON(to line: inout LineBuffer) {
        line.append(self ? "true" : "false")
    }
}

extension FieldValue where Self: FixedWidthInteger {
    /// An integer.
    public static var fieldType: FieldType { .integer }

    /// Appends the number in decimal digits.
    public func appendJSON(to line: inout LineBuffer) {
        line.appendDecimal(Int64(truncatingIfNeeded: self))
    }
}

extension Int: FieldValue {}
extension UInt8: FieldValue {}
extension UInt16: FieldValue {}
extension UInt32: FieldValue {}

extension Optional: FieldValue where Wrapped: FieldValue {
    /// The type of the value inside.
    public static var fieldType: FieldType { Wrapped.fieldType }
    /// An optional value can be null.
    public static var isNullable: Bool { true }

    /// Appends the value, or `null`.
    public func appendJSON(to line: inout LineBuffer) {
        if let value = self { value.appendJSON(to: &line) } else { line.appendNull() }
    }

    /// Appends the key, then the value or `null`.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        guard let value = self else { return line.append(key.null.span) }
        value.append(after: key, to: &line)
    }
}

extension Array: FieldValue where Element: FieldValue {
    /// An array of the elements' type.
    public static var fieldType: FieldType { .array(Element.fieldType) }

    /// Appends the elements as a JSON array.
    public func appendJSON(to line: inout LineBuffer) {
        guard !isEmpty else { return line.append("[]") }
        line.append(UInt8(ascii: "["))
        var isFirst = true
        for element in self {
            if !isFirst { line.append(UInt8(ascii: ",")) }
            isFirst = false
            element.appendJSON(to: &line)
        }
        line.append(UInt8(ascii: "]"))
    }
}

extension DomainName: FieldValue {
    /// A string.
    public static var fieldType: FieldType { .string }

    /// Appends the canonical text; a dot for the root.
    public func appendJSON(to line: inout LineBuffer) {
        line.appendJSON(description)
    }

    /// Appends the key, then the canonical text; a dot for the root.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        guard !isRoot else { return description.append(after: key, to: &line) }
        line.append(key.opening.span)
        line.appendJSONRest(text)
    }
}

extension IPAddress: FieldValue {
    /// A string.
    public static var fieldType: FieldType { .string }

    /// Appends the address in its text form.
    public func appendJSON(to line: inout LineBuffer) {
        guard case .v4(let value) = self else { return line.appendJSON(description) }
        line.append(UInt8(ascii: "\""))
        for shift in [UInt32(24), 16, 8, 0] {
            line.appendDigits(UInt64(value >> shift & 255))
            line.append(shift == 0 ? UInt8(ascii: "\"") : UInt8(ascii: "."))
        }
    }
}
