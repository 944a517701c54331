/// A closed set of words: what can stand in an enumerated field.
public protocol EnumValues: FieldValue, RawRepresentable, CaseIterable, Hashable, Sendable
where RawValue == String {
    /// What the word says and by which rule, as one sentence.
    var meaning: String { get }
}

extension EnumValues {
    /// An enumeration of the raw values.
    public static var fieldType: FieldType { .enumeration(terms) }

    /// Every word with what it says.
    public static var terms: [Term] {
        allCases.map { Term(word: $0.rawValue, meaning: $0.meaning) }
    }

    /// Appends the word; words of a vocabulary need no escape.
    public func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        line.appendRest(rawValue.utf8.span)
    }

    /// Appends the key, then the word.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        line.append(key.nextPermit.span)
        line.appendRest(rawValue.utf8.span)
    }
}
