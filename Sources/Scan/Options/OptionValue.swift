internal import Records

/// What a checkpoint holds of an option, as JSON has it.
enum OptionValue: Equatable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([OptionValue])
    case object([String: OptionValue])

    /// The value at a key whose dots lead into objects; nil where there is none.
    subscript(key: String) -> OptionValue? {
        get {
            let (first, rest) = Self.split(key)
            guard let member = members[first] else { return nil }
            return rest.map { member[$0] } ?? member
        }
        set {
            let (first, rest) = Self.split(key)
            var members = members
            if let rest {
                var member = members[first] ?? .object([:])
                member[rest] = newValue
                members[first] = member
            } else {
                members[first] = newValue
            }
            self = .object(members)
        }
    }

    private static func split(_ key: String) -> (first: String, rest: String?) {
        guard let dot = key.firstIndex(of: ".") else { return (key, nil) }
        return (String(key[..<dot]), String(key[key.index(after: dot)...]))
    }

    /// The members of an object; none of anything else.
    var members: [String: OptionValue] {
        if case .object(let members) = self { members } else { [:] }
    }

    /// A whole number, written with a fraction of zero or without one.
    var wholeNumber: Int? {
        switch self {
        case .integer(let value): value
        case .number(let value): Int(exactly: value)
        default: nil
        }
    }

    /// Any number.
    var real: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    /// A text.
    var text: String? { if case .string(let value) = self { value } else { nil } }

    /// A truth value.
    var truth: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The values of a list.
    var elements: [OptionValue]? { if case .array(let values) = self { values } else { nil } }

    /// The same as a manifest has it, whose numbers are whole.
    var document: JSONDocument {
        switch self {
        case .null: .null
        case .boolean(let value): .boolean(value)
        case .integer(let value): .integer(value)
        case .number(let value): .string("\(value)")
        case .string(let value): .string(value)
        case .array(let values): .array(values.map(\.document))
        case .object(let members):
            .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.document) })
        }
    }
}

extension OptionValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let values = try? container.decode([OptionValue].self) {
            self = .array(values)
        } else {
            self = .object(try container.decode([String: OptionValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let values): try container.encode(values)
        case .object(let members): try container.encode(members)
        }
    }
}

extension JSONDocument {
    /// An object of members; a dot in a key leads into a nested object, which is at the position of
    /// its first member.
    init(nesting members: [(key: String, value: JSONDocument)]) {
        var keys: [String] = []
        var values: [String: JSONDocument] = [:]
        var below: [String: [(key: String, value: JSONDocument)]] = [:]
        for (key, value) in members {
            let first = String(key.prefix { $0 != "." })
            if values[first] == nil, below[first] == nil { keys.append(first) }
            if first == key {
                values[first] = value
            } else {
                below[first, default: []].append((String(key.dropFirst(first.count + 1)), value))
            }
        }
        self = .object(
            keys.map { key in
                (key, below[key].map { JSONDocument(nesting: $0) } ?? values[key] ?? .null)
            })
    }
}
