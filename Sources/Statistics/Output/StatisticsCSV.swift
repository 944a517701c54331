extension StatsTable {
    /// The table as CSV (RFC 4180), with a header.
    public var csv: String {
        let lines = [labels + columns] + allRows.map { $0.labels + $0.counts.map(String.init) }
        return lines.map { $0.map(csvField).joined(separator: ",") + "\n" }.joined()
    }
}

extension Statistics {
    /// Tables as one CSV: a line for each count, so that tables of any form fit.
    public static func csv(of tables: [StatsTable]) -> String {
        var text = "table,row,column,count\n"
        for table in tables {
            for row in table.allRows {
                let label = csvField(row.labels.joined(separator: "/"))
                for (column, count) in zip(table.columns, row.counts) {
                    text += "\(table.name),\(label),\(column),\(count)\n"
                }
            }
        }
        return text
    }
}

private func csvField(_ text: String) -> String {
    guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.joined(separator: "\"\"") + "\""
}
