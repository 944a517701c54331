public import Records

extension StatsTable {
    /// A line of the codebook.
    private struct Entry {
        var column: String
        var kind: String
        var meaning: String
        var whole = ""
        var values: [Label.Value] = []
    }

    private var entries: [Entry] {
        rowLabels.map { label in
            Entry(
                column: label.name, kind: "label", meaning: label.meaning, values: label.values)
        }
            + countColumns.map { column in
                Entry(
                    column: column.name, kind: column.unit.rawValue, meaning: column.meaning,
                    whole: words(for: column.whole))
            }
            + derivedColumns.map { column in
                Entry(
                    column: column.name, kind: column.name == "base" ? "base" : "share",
                    meaning: column.meaning)
            }
    }

    private var meaning: String { note.isEmpty ? "\(title)." : "\(title). \(note)" }

    fileprivate var codebookDocument: JSONDocument {
        .object([
            ("table", .string(name)), ("title", .string(title)), ("note", .string(note)),
            (
                "columns",
                .array(
                    entries.map { entry in
                        .object([
                            ("column", .string(entry.column)), ("kind", .string(entry.kind)),
                            ("meaning", .string(entry.meaning)), ("of", .string(entry.whole)),
                            (
                                "values",
                                .object(entry.values.map { ($0.name, .string($0.meaning)) })
                            ),
                        ])
                    })
            ),
        ])
    }

    fileprivate var codebookCSV: String {
        csvLine([name, "", "table", meaning, "", ""])
            + entries.map { entry in
                csvLine([
                    name, entry.column, entry.kind, entry.meaning, entry.whole,
                    entry.values.map(\.name).joined(separator: " "),
                ])
            }.joined()
    }

    fileprivate func codebookText(width: Int) -> String {
        var lines = wrapped("\(name): \(meaning)", width: width)
        let margin = (entries.map(\.column.count).max() ?? 0) + 4
        for entry in entries {
            let whole = entry.whole.isEmpty ? "" : " Of \(entry.whole)."
            let values =
                entry.values.isEmpty
                ? "" : " One of " + entry.values.map(\.name).joined(separator: ", ") + "."
            let texts = wrapped(
                entry.meaning + whole + values, width: max(20, width - margin))
            for (place, text) in texts.enumerated() {
                let head = place == 0 ? "  " + entry.column : ""
                lines.append(
                    head + String(repeating: " ", count: margin - head.count) + text)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension Statistics {
    /// The codebook of some tables, or of all, as JSON: what each column of each table is.
    public static func codebookDocument(_ names: [String] = []) -> JSONDocument {
        .array(codebook(of: names).map(\.codebookDocument))
    }

    /// The same as CSV: a line for each table, and one for each of its columns.
    public static func codebookCSV(_ names: [String] = []) -> String {
        csvLine(["table", "column", "kind", "meaning", "of", "values"])
            + codebook(of: names).map(\.codebookCSV).joined()
    }

    /// The same for people, in lines of so many characters.
    public static func codebookText(_ names: [String] = [], width: Int) -> String {
        codebook(of: names).map { $0.codebookText(width: width) }.joined(separator: "\n")
    }

    private static func codebook(of names: [String]) -> [StatsTable] {
        codebook.filter { names.isEmpty || names.contains($0.name) }
    }
}
