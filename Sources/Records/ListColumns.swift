/// Columns of the list that a record carries, in the list's order: names and texts.
public struct ListColumns: Hashable, Sendable, FieldValue {
    /// The names of the columns.
    public let names: [String]
    /// Their values; nil where the row has none.
    public let values: [String?]

    /// Columns of these names and values, as many of one as of the other.
    public init(names: [String], values: [String?]) {
        self.names = names
        self.values = values
    }

    /// An object of strings.
    public static var fieldType: FieldType { .map }

    /// Appends an object with a member for each column.
    public func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "{"))
        for (place, (name, value)) in zip(names, values).enumerated() {
            if place > 0 { line.append(UInt8(ascii: ",")) }
            line.appendJSON(name)
            line.append(UInt8(ascii: ":"))
            value.appendJSON(to: &line)
        }
        line.append(UInt8(ascii: "}"))
    }
}
