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

/// A cell of text; names come from other people's DNS.
///
/// A spreadsheet reads what begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a
/// formula; with a single quote before it, as text (OWASP, "CSV Injection"). Separators of
/// spreadsheets of other languages are quoted, too.
public func csvField(_ cell: String) -> String {
    let text = isFormula(cell) ? "'" + cell : cell
    let isPlain = text.unicodeScalars.allSatisfy { scalar in
        scalar != "," && scalar != ";" && scalar != "\"" && scalar.value >= 0x20
    }
    guard !isPlain else { return text }
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    return "\"" + parts.joined(separator: "\"\"") + "\""
}

/// Whether a spreadsheet would compute the cell; a number is none.
private func isFormula(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, "=+-@\t\r\n".unicodeScalars.contains(first) else {
        return false
    }
    return Double(text) == nil || text.contains { $0.isLetter }
}
