/// The JSON form of a Spark StructType: `StructType.fromJson(json.loads(text))`.
enum SparkExport {
    static func text(_ fields: [FieldDescription]) -> String { structure(fields).text + "\n" }

    private static func structure(_ fields: [FieldDescription]) -> JSONDocument {
        .object([("type", .string("struct")), ("fields", .array(fields.map(field)))])
    }

    private static func field(_ field: FieldDescription) -> JSONDocument {
        // Spark takes any column of a file source for nullable.
        .object([
            ("name", .string(field.name)), ("type", type(field.type)),
            ("nullable", .boolean(true)),
            ("metadata", .object([("comment", .string(field.meaning))])),
        ])
    }

    private static func type(_ type: FieldType) -> JSONDocument {
        switch type {
        case .string, .enumeration: .string("string")
        case .integer: .string("long")
        case .boolean: .string("boolean")
        case .timestamp: .string("timestamp")
        case .array(let element):
            .object([
                ("type", .string("array")), ("elementType", self.type(element)),
                ("containsNull", .boolean(true)),
            ])
        case .object(let fields): structure(fields)
        }
    }
}
