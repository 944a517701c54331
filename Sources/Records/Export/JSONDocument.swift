/// A JSON value for documents that people read too: the keys keep their order.
public indirect enum JSONDocument: Sendable {
    case string(String)
    case integer(Int)
    /// A number with a fraction, as it is to be written.
    case number(String)
    case boolean(Bool)
    case null
    case array([JSONDocument])
    case object([(key: String, value: JSONDocument)])

    /// The document, indented by two spaces a level.
    public var text: String {
        var octets = LineBuffer()
        append(to: &octets, indentation: 0)
        return octets.text
    }

    /// The document on one line.
    public var line: String {
        switch self {
        case .array(let values): "[" + values.map(\.line).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.map { JSONDocument.string($0.key).line + ":" + $0.value.line }
                .joined(separator: ",") + "}"
        case .string, .integer, .number, .boolean, .null: text
        }
    }

    private func append(to octets: inout LineBuffer, indentation: Int) {
        switch self {
        case .string(let value): octets.appendJSON(value)
        case .integer(let value): octets.appendDecimal(Int64(value))
        case .number(let text): octets.append(text)
        case .boolean(let value): octets.append(value ? "true" : "false")
        case .null: octets.appendNull()
        case .array(let values):
            Self.append(values, brackets: ("[", "]"), to: &octets, indentation) { value, octets in
                value.append(to: &octets, indentation: indentation + 1)
            }
        case .object(let members):
            Self.append(members, brackets: ("{", "}"), to: &octets, indentation) { member, octets in
                octets.appendJSON(member.key)
                octets.append(": ")
                member.value.append(to: &octets, indentation: indentation + 1)
            }
        }
    }

    private static func append<Item>(
        _ items: [Item], brackets: (String, String), to octets: inout LineBuffer,
        _ indentation: Int, item append: (Item, inout LineBuffer) -> Void
    ) {
        octets.append(brackets.0)
        for (index, item) in items.enumerated() {
            if index > 0 { octets.append(",") }
            octets.append("\n" + String(repeating: "  ", count: indentation + 1))
            append(item, &octets)
        }
        if !items.isEmpty {
            octets.append("\n" + String(repeating: "  ", count: indentation))
        }
        octets.append(brackets.1)
    }
}
