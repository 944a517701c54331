import ArgumentParser
import Changes
import DomainSelection
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

/// The form in which domains are listed, and the columns of its tables.
struct ListForm: ParsableArguments {
    @Option(help: "The form of the list.")
    var format: OutputForm = .text

    @Option(
        help: ArgumentHelp(
            "The columns of CSV and TSV, separated by commas. By default all that every scan has.",
            valueName: "name,…"))
    var columns: String?

    func validate() throws {
        guard columns == nil || format.table != nil else {
            throw ValidationError("--columns is for --format csv and tsv")
        }
    }

    /// The columns that are wanted, of all that there are; one that is not is an error.
    func chosenColumns<Column: TableColumn>() throws(ValidationError) -> [Column] {
        guard let columns else { return Column.all }
        var chosen: [Column] = []
        for name in columns.split(separator: ",", omittingEmptySubsequences: false) {
            guard let column = Column.named(String(name)) else {
                let names = Column.all.map(\.name) + ["list.NAME"]
                throw ValidationError(
                    "--columns takes \(names.joined(separator: ", ")), not '\(name)'")
            }
            chosen.append(column)
        }
        return chosen
    }
}

/// A column of a table of domains; `list.NAME` is one of the list that a scan has carried.
protocol TableColumn {
    static var all: [Self] { get }
    static func named(_ name: String) -> Self?
    var name: String { get }
}

extension ChangeColumn: TableColumn {}

extension SelectionColumn: TableColumn {}

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
