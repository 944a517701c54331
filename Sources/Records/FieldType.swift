/// The type of a field's value, apart from whether it can be null.
public indirect enum FieldType: Hashable, Sendable {
    case string
    case integer
    case boolean
    /// A string: RFC 3339, UTC, whole seconds.
    case timestamp
    /// A string out of a closed vocabulary.
    case enumeration([Term])
    case array(FieldType)
    case object([FieldDescription])
    /// An object whose keys are not known beforehand; its values are strings or null.
    case map
}

/// One value of a closed vocabulary.
public struct Term: Hashable, Sendable {
    /// The value as written.
    public let word: String
    /// What it says and by which rule, as one sentence.
    public let meaning: String
}

/// What readers need to know of one key.
public struct FieldDescription: Hashable, Sendable {
    /// The key.
    public let name: String
    /// The type of its value.
    public let type: FieldType
    /// Whether its value can be null; the key itself is never missing.
    public let isNullable: Bool
    /// What the value says, as one sentence.
    public let meaning: String
    /// The source of the value: the list, a DNS answer, a rule of an RFC.
    public let source: String
    /// The schema version with which the key came.
    public var since = 1

    /// A key that has been there since the first version.
    public init(
        name: String, type: FieldType, isNullable: Bool, meaning: String, source: String
    ) {
        self.name = name
        self.type = type
        self.isNullable = isNullable
        self.meaning = meaning
        self.source = source
    }
}

/// A value that has a JSON form and a type known beforehand.
public protocol FieldValue: SendableMetatype {
    /// The type of its JSON form.
    static var fieldType: FieldType { get }
    /// Whether its JSON form can be null.
    static var isNullable: Bool { get }
    /// Appends its JSON form.
    func appendJSON(to line: inout LineBuffer)
    /// Appends the key, then its JSON form.
    func append(after key: FieldKey, to line: inout LineBuffer)
}

extension FieldValue {
    /// A value is null only where its type is optional.
    public static var isNullable: Bool { false }
}
