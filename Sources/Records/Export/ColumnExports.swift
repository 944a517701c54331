/// SQL for DuckDB.
///
/// Its inference takes a column that begins with thousands of nulls for one of nulls alone and
/// loses later values, so every type is named.
enum DuckDBExport {
    static func text(name: String, _ fields: [FieldDescription]) -> String {
        """
        -- The \(name) records of a stsurvey scan:
        --   SELECT * FROM \(name)s('DIR/\(name)s-*.ndjson.zst');
        CREATE OR REPLACE MACRO \(name)s(files) AS TABLE
        SELECT * FROM read_json(
            files, format = 'newline_delimited', columns = \(columns(fields))
        );

        """
    }

    /// The `columns` argument.
    static func columns(_ fields: [FieldDescription]) -> String {
        let columns = fields.map { "    '\($0.name)': '\(type($0.type))'" }
        return "{\n" + columns.joined(separator: ",\n") + "\n}"
    }

    private static func type(_ type: FieldType) -> String {
        switch type {
        case .string, .enumeration: "VARCHAR"
        case .integer: "BIGINT"
        case .boolean: "BOOLEAN"
        case .timestamp: "TIMESTAMP"
        case .array(let element): self.type(element) + "[]"
        case .object(let fields): "STRUCT(" + members(fields) + ")"
        case .map: "MAP(VARCHAR, VARCHAR)"
        }
    }

    private static func members(_ fields: [FieldDescription]) -> String {
        fields.map { "\"\($0.name)\" \(type($0.type))" }.joined(separator: ", ")
    }
}

/// Python for polars, whose inference fails on the first value after a hundred nulls.
enum PolarsExport {
    static func text(name: String, _ fields: [FieldDescription]) -> String {
        """
        # pl.scan_ndjson("DIR/\(name)s-*.ndjson.zst", schema=\(name)_schema)
        # Instants are strings: .str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC")
        import polars as pl

        \(name)_schema = {
        \(members(fields, indentation: 1))
        }

        """
    }

    private static func members(_ fields: [FieldDescription], indentation: Int) -> String {
        let margin = String(repeating: "    ", count: indentation)
        return fields.map { "\(margin)\"\($0.name)\": \(type($0.type, indentation))," }
            .joined(separator: "\n")
    }

    private static func type(_ type: FieldType, _ indentation: Int) -> String {
        switch type {
        // A type for keys that are not known beforehand does not exist: JSON as text.
        case .string, .enumeration, .timestamp, .map: return "pl.String"
        case .integer: return "pl.Int64"
        case .boolean: return "pl.Boolean"
        case .array(let element): return "pl.List(\(self.type(element, indentation)))"
        case .object(let fields):
            let margin = String(repeating: "    ", count: indentation)
            return "pl.Struct({\n\(members(fields, indentation: indentation + 1))\n\(margin)})"
        }
    }
}

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
        case .map:
            .object([
                ("type", .string("map")), ("keyType", .string("string")),
                ("valueType", .string("string")), ("valueContainsNull", .boolean(true)),
            ])
        }
    }
}
