/// A Markdown table of all keys, nested ones after a dot, elements of arrays after `[]`.
enum MarkdownExport {
    static func text(_ fields: [FieldDescription]) -> String {
        "| key | type | meaning | source |\n|---|---|---|---|\n"
            + fields.map { rows($0, prefix: "") }.joined()
    }

    private static func rows(_ field: FieldDescription, prefix: String) -> String {
        let name = prefix + field.name
        let null = field.isNullable ? " or null" : ""
        let row =
            "| `\(name)` | \(typeName(field.type))\(null) | \(meaning(field)) | \(field.source) |\n"
        let (children, suffix) = nested(field.type)
        return row + children.map { rows($0, prefix: name + suffix) }.joined()
    }

    private static func meaning(_ field: FieldDescription) -> String {
        guard case .enumeration(let words) = elementType(field.type), words.count <= 40 else {
            return field.meaning
        }
        return field.meaning + " " + words.map { "`\($0.word)`" }.joined(separator: " ")
    }

    private static func elementType(_ type: FieldType) -> FieldType {
        if case .array(let element) = type { elementType(element) } else { type }
    }

    private static func nested(_ type: FieldType) -> ([FieldDescription], String) {
        switch type {
        case .object(let fields): (fields, ".")
        case .array(.object(let fields)): (fields, "[].")
        default: ([], "")
        }
    }

    private static func typeName(_ type: FieldType) -> String {
        switch type {
        case .string, .enumeration: "string"
        case .integer: "integer"
        case .boolean: "boolean"
        case .timestamp: "timestamp"
        case .object: "object"
        case .map: "object of strings"
        case .array(let element): "array of \(typeName(element))s"
        }
    }
}
