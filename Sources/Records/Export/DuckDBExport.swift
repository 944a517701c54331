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
        }
    }

    private static func members(_ fields: [FieldDescription]) -> String {
        fields.map { "\"\($0.name)\" \(type($0.type))" }.joined(separator: ", ")
    }
}
