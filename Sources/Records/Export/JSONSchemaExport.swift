/// JSON Schema 2020-12: every key required, none besides, vocabularies as enumerations.
enum JSONSchemaExport {
    static func text(name: String, version: Int, _ fields: [FieldDescription]) -> String {
        let head: [(key: String, value: JSONDocument)] = [
            ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
            ("title", .string("stsurvey \(name) record, version \(version)")),
        ]
        return JSONDocument.object(head + object(fields, isNullable: false)).text
    }

    private typealias Members = [(key: String, value: JSONDocument)]

    private static func property(_ field: FieldDescription) -> JSONDocument {
        .object(
            [("description", .string(field.meaning))]
                + members(field.type, isNullable: field.isNullable))
    }

    private static func members(_ type: FieldType, isNullable: Bool) -> Members {
        switch type {
        case .string: [named("string", isNullable)]
        case .integer: [named("integer", isNullable)]
        case .boolean: [named("boolean", isNullable)]
        case .timestamp: [named("string", isNullable), ("format", .string("date-time"))]
        case .enumeration(let words): enumeration(words.map(\.word), isNullable: isNullable)
        case .array(let element):
            [
                named("array", isNullable),
                ("items", .object(members(element, isNullable: false))),
            ]
        case .object(let fields): object(fields, isNullable: isNullable)
        case .map:
            [
                named("object", isNullable),
                (
                    "additionalProperties",
                    .object([("type", .array([.string("string"), .string("null")]))])
                ),
            ]
        }
    }

    private static func enumeration(_ words: [String], isNullable: Bool) -> Members {
        let values = words.map { JSONDocument.string($0) }
        return [
            named("string", isNullable),
            ("enum", .array(isNullable ? values + [.null] : values)),
        ]
    }

    private static func object(_ fields: [FieldDescription], isNullable: Bool) -> Members {
        [
            named("object", isNullable),
            ("additionalProperties", .boolean(false)),
            ("required", .array(fields.map { .string($0.name) })),
            ("properties", .object(fields.map { ($0.name, property($0)) })),
        ]
    }

    private static func named(
        _ type: String, _ isNullable: Bool
    ) -> (key: String, value: JSONDocument) {
        ("type", isNullable ? .array([.string(type), .string("null")]) : .string(type))
    }
}
