import ArgumentParser
import Statistics

/// A form in which domains are listed.
enum OutputForm: String, CaseIterable, ExpressibleByArgument {
    case text, csv, tsv, ndjson

    /// The form of tables; nil for one that is none.
    var table: TableForm? {
        switch self {
        case .csv: .csv
        case .tsv: .tsv
        case .text, .ndjson: nil
        }
    }
}

/// A form of tables.
enum TableForm: Sendable {
    case csv, tsv

    /// A row of these cells.
    func row(_ cells: [String]) -> String {
        switch self {
        case .csv: csvLine(cells)
        case .tsv: cells.map(Self.tsvField).joined(separator: "\t") + "\n"
        }
    }

    /// A cell without tabs and line feeds, which TSV has no way to write.
    private static func tsvField(_ text: String) -> String {
        String(text.map { $0 == "\t" || $0.isNewline ? " " : $0 })
    }
}
