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
        case .string, .enumeration, .timestamp: return "pl.String"
        case .integer: return "pl.Int64"
        case .boolean: return "pl.Boolean"
        case .array(let element): return "pl.List(\(self.type(element, indentation)))"
        case .object(let fields):
            let margin = String(repeating: "    ", count: indentation)
            return "pl.Struct({\n\(members(fields, indentation: indentation + 1))\n\(margin)})"
        }
    }
}
