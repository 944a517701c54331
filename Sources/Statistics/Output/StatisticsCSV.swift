extension StatsTable {
    /// The table as CSV (RFC 4180), with a header.
    public var csv: String {
        let derived = derivedColumns
        let lines =
            [labels + columns + derived.map(\.name)]
            + allRows.map { row in
                row.labels + row.counts.map(String.init)
                    + derived.map { $0.text(self, row) ?? "" }
            }
        return lines.map(csvLine).joined()
    }
}

extension Statistics {
    /// Tables as one CSV: a line for each count, so that tables of any form fit.
    public static func csv(of tables: [StatsTable]) -> String {
        let isSample = tables.contains(where: \.isSample)
        let head = ["table", "row", "column", "count", "of", "whole", "share"]
        return csvLine(head + (isSample ? ["low", "high"] : []))
            + tables.map { $0.longCSV(isSample) }.joined()
    }
}

extension StatsTable {
    fileprivate func longCSV(_ isSample: Bool) -> String {
        var text = ""
        for row in allRows {
            let label = row.labels.joined(separator: "/")
            for (place, column) in countColumns.enumerated() {
                let share = share(row, place)
                var cells = [
                    name, label, column.name, String(row.counts[place]), words(for: column.whole),
                    share.map { String($0.whole) } ?? "", share?.value.description ?? "",
                ]
                if isSample {
                    let interval = interval(row, place)
                    cells += [interval?.low.description ?? "", interval?.high.description ?? ""]
                }
                text += csvLine(cells)
            }
        }
        return text
    }
}

/// A line of CSV.
public func csvLine(_ cells: [String]) -> String {
    cells.map(csvField).joined(separator: ",") + "\n"
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
