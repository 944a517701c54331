public import Records

extension StatsTable {
    /// The rows as JSON objects, one each, under the names of labels and columns.
    public var document: JSONDocument {
        let derived = derivedColumns
        return .array(
            allRows.map { row in
                .object(
                    zip(labels, row.labels).map { ($0, .string($1)) }
                        + zip(columns, row.counts).map { ($0, .integer($1)) }
                        + derived.map { column in
                            (column.name, column.text(self, row).map { .number($0) } ?? .null)
                        })
            })
    }
}

extension Statistics {
    /// All tables as members of one JSON object, each an array of rows.
    public func document(_ names: [String] = []) -> [(key: String, value: JSONDocument)] {
        tables.filter { names.isEmpty || names.contains($0.name) }.map { ($0.name, $0.document) }
    }
}
