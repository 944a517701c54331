import ArgumentParser
import Console
import FolderStatistics
import Lint
import Records
import ScanFolder
import Statistics

struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats", abstract: "Count what a scan found, finished or still running.",
        discussion: """
            Prints the funnel with its denominators, adoption by mode, TLD, rank, MX provider and \
            policy host provider, max_age, and every kind of error, exclusive (first_failures) and \
            not (findings, misconfigurations). A policy counts where senders have it: valid, and \
            behind a valid record. On a terminal, lines are as long as it is wide. Tables: \
            \(Statistics.allNames.joined(separator: ", ")).

            Examples:
              stsurvey stats results/first
              stsurvey stats results/first --table policy_errors --table mx_certificates
              stsurvey stats results/first --table tlds --csv > tlds.csv
              stsurvey stats results/first --table ranks_cumulative --table tld_ranks
              stsurvey stats results/first --sample --table modes
              stsurvey stats --codebook --csv > codebook.csv
              stsurvey stats results/first --by sector --weight mails --table weights
              stsurvey stats results/first --prometheus-textfile /var/lib/stsurvey.prom
            """)

    /// How many rows of a table become metrics; the rest is one.
    private static let metricRows = 1000

    @Argument(help: "The folder of a scan, or those of its shards.", completion: .directory)
    var folders: [String] = []

    @Flag(help: "Print one JSON object: a member for each table, an array of rows.")
    var json = false

    @Flag(help: "Print CSV: one --table as it is, or a line for each count of all tables.")
    var csv = false

    @Flag(
        help: """
            Print what each label and column of the tables is, of no scan: as text, --csv or --json.
            """)
    var codebook = false

    @Option(
        help: ArgumentHelp("Print this table only. Can be repeated.", valueName: "name"),
        completion: .list(Statistics.allNames))
    var table: [String] = []

    @Option(
        in: 1...1_000_000_000,
        help: "Rows of long tables. By default 15 as text, and all as JSON and CSV.")
    var top: Int?

    @Option(
        help: ArgumentHelp(
            """
            Write the counts to this file in the format of Prometheus, for the textfile collector \
            of its node exporter, and print nothing; - is standard output.
            """, valueName: "file"),
        completion: .file())
    var prometheusTextfile: String?

    @OptionGroup var counting: StatisticsOptions

    func validate() throws {
        guard !json || !csv else { throw ValidationError("--json and --csv: take one") }
        guard folders.isEmpty == codebook else {
            throw ValidationError(
                codebook
                    ? "--codebook is of no scan: leave out the folder"
                    : "give the folder of a scan, or --codebook")
        }
        guard prometheusTextfile == nil || !(json || csv || !table.isEmpty || top != nil) else {
            throw ValidationError(
                "--prometheus-textfile is a form of its own: leave out --json, --csv, --table "
                    + "and --top")
        }
        let names = Statistics.allNames
        for name in table where !names.contains(name) {
            let close = closestNames(to: name, among: names)
            let advice =
                name.contains(",")
                ? "repeat the option for each table"
                : close.isEmpty
                    ? "it takes \(names.joined(separator: ", "))"
                    : "did you mean \(close.joined(separator: " or "))?"
            throw ValidationError("--table: there is no table '\(name)'; \(advice)")
        }
        for (name, options) in [("groups", [counting.by]), ("weights", [counting.weight])]
            + [("group_weights", [counting.by, counting.weight])]
        where !codebook && table.contains(name) && options.contains(nil) {
            throw ValidationError("--table \(name) needs --by, or --weight, or both")
        }
    }

    func run() throws {
        guard !folders.isEmpty else { return try StandardOutput.write(codebookText) }
        if let prometheusTextfile {
            return try OutputFile.write(
                counting.count(folders, top: Self.metricRows).metrics, to: prometheusTextfile)
        }
        let counted = try counting.count(folders, top: top ?? (json || csv ? nil : 15))
        try StandardOutput.write(text(of: counted))
    }

    private var codebookText: String {
        if json { return Statistics.codebookDocument(table).text + "\n" }
        if csv { return Statistics.codebookCSV(table) }
        let width = min(PageStyle.outputColumns ?? Self.usualWidth, Self.proseWidth)
        return PageStyle.ofLocale(Statistics.codebookText(table, width: width))
    }

    private func text(of counted: ScanStatistics) -> String {
        let statistics = counted.statistics
        if json {
            let members = counted.header + statistics.document(table)
            return JSONDocument.object(members).text + "\n"
        }
        let tables = statistics.tables.filter { table.isEmpty || table.contains($0.name) }
        if csv { return tables.count == 1 ? tables[0].csv : Statistics.csv(of: tables) }
        let width = PageStyle.outputColumns
        let heading = table.isEmpty ? [counted.heading(width: width ?? Self.usualWidth)] : []
        return PageStyle.ofLocale(
            (heading + tables.map { $0.text(width: width) }).joined(separator: "\n"))
    }

    /// The width of prose where no terminal says otherwise, and the most.
    private static let usualWidth = 80
    private static let proseWidth = 100
}

extension ScanStatistics {
    /// What was counted, as members of a JSON object.
    var header: [(key: String, value: JSONDocument)] {
        func text(_ value: String?) -> JSONDocument { value.map { .string($0) } ?? .null }
        return [
            ("program", .string("stsurvey")), ("version", .string(programVersion)),
            ("folder", .string(scan.folder)), ("state", text(scan.state)),
            ("started_at", text(scan.startedAt)), ("ended_at", text(scan.endedAt)),
            ("lists", .array(scan.lists.map { .string($0) })),
            ("headline", .string(statistics.headline)), ("domain_records", .integer(domains)),
            ("host_records", .integer(hosts)),
            ("cautions", .array(cautions.map { .string($0) })),
        ]
    }

    /// What was counted, and the result in a sentence.
    func heading(width: Int) -> String {
        let state = scan.state.map { ", \($0)" } ?? ""
        let time = scan.startedAt.map { ", begun \($0)" } ?? ""
        let counts = "\(counted(domains, "domain")), \(counted(hosts, "MX host"))"
        return ["\(Message.visible(scan.folder)): \(counts)\(time)\(state)", statistics.headline]
            .flatMap { wrapped($0, width: width) + [""] }.joined(separator: "\n")
            + folderCautions.map { "caution: \(Message.visible($0))\n" }.joined()
    }
}
