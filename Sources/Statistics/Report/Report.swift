internal import Records

/// The statistics as one HTML file that needs nothing else: no network, no font, no library.
public struct Report: Sendable {
    /// What the report says of the scan besides the tables.
    public struct Heading: Sendable {
        /// Where the records are.
        public var folder: String
        /// The state of the scan, its begin and its end.
        public var facts: [String]
        /// What must be known of the records that were read, a line each.
        public var cautions: [String]
        /// The program and its version.
        public var program: String

        /// A heading.
        public init(folder: String, facts: [String], cautions: [String], program: String) {
            self.folder = folder
            self.facts = facts
            self.cautions = cautions
            self.program = program
        }
    }

    let statistics: Statistics
    private let heading: Heading

    /// A report of tables.
    public init(_ statistics: Statistics, _ heading: Heading) {
        self.statistics = statistics
        self.heading = heading
    }

    /// The whole file.
    public var html: String {
        let sections = sections
        let facts = ([heading.folder] + heading.facts).map(\.html)
        var text = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <title>MTA-STS: \(heading.folder.html)</title>
            <style>
            \(reportStyle)
            </style>
            </head>
            <body>
            <a class="skip" href="#main">To the figures</a>
            <header>
            <h1>Who publishes MTA-STS, and what of it protects mail</h1>
            <p class="soft">\(facts.joined(separator: " · "))</p>
            \(heading.cautions.map { "<p><strong>\($0.html)</strong></p>\n" }.joined())\
            <div class="figures">
            \(figures)</div>
            </header>
            <nav aria-label="Sections"><ul>

            """
        for section in sections {
            text += "<li><a href=\"#\(section.id)\">\(section.title.html)</a></li>\n"
        }
        text +=
            "<li><a href=\"#every-figure\">Every figure</a></li>\n</ul></nav>\n<main id=\"main\">\n"
        text += sections.map(\.html).joined() + everyFigure + "</main>\n<footer>\n"
        for caution in statistics.cautions { text += "<p>\(caution.html)</p>\n" }
        return text + """
            <p>Made by \(heading.program.html). Every figure is one of \
            <code>stsurvey stats</code>; unknown is never counted as absent.</p>
            </footer>
            <script type="application/json" id="data">\(data)</script>
            <script>
            \(reportScript)
            </script>
            </body>
            </html>

            """
    }

    /// The table of a name; every name that a section uses is one of the tables.
    func table(_ name: String) -> StatsTable {
        statistics.table(name)
            ?? .empty(name)
    }

    /// The key figures.
    private var figures: String {
        let funnel = table("funnel")
        let words = [
            ("scanned", "domains scanned"), ("has_mail", "take mail"),
            ("has_record", "of them have a record"), ("has_policy", "have a valid policy"),
            ("enforce", "enforce it"), ("enforce_protected", "enforce it and are protected"),
        ]
        return words.map { stage, words in
            let row = funnel.rows.first { $0.labels[0] == stage }
            let counts = row?.counts ?? [0, 0]
            let share = stage == "scanned" ? "" : ", " + percent(counts[0], of: counts[1]).html
            return "<div class=\"figure\" data-stage=\"\(stage)\" data-count=\"\(counts[0])\">"
                + "<b>\(grouped(counts[0]))</b><span>\(words)\(share)</span></div>\n"
        }.joined()
    }

    private var everyFigure: String {
        """
        <section id="every-figure">
        <h2>Every figure</h2>
        <p class="soft">All tables, to be searched. Several words must all be there.</p>
        <div class="card">
        <form id="search" role="search">
        <label>Table<select name="table"></select></label>
        <label>Search<input name="words" type="search" autocomplete="off"></label>
        </form>
        <p class="note" id="told" role="status"></p>
        <div class="scroll" tabindex="0" role="region" aria-label="Rows"><table class="every">
        <thead><tr id="head"></tr></thead><tbody id="rows"></tbody></table></div>
        <noscript><p>Searching needs JavaScript; nothing else here does.</p></noscript>
        </div>
        </section>

        """
    }

    /// All tables for the script.
    private var data: String {
        let tables = statistics.tables.map { table in
            JSONDocument.object([
                ("name", .string(table.name)), ("title", .string(table.title)),
                ("labels", .integer(table.labels.count)),
                ("heads", .array((table.labels + table.columns).map { .string($0) })),
                (
                    "rows",
                    .array(
                        table.allRows.map { row in
                            .array(row.labels.map { .string($0) } + row.counts.map { .integer($0) })
                        })
                ),
            ])
        }
        // What ends a script element, or begins a comment in one, occurs only in strings.
        return JSONDocument.array(tables).line.split(
            separator: "<", omittingEmptySubsequences: false
        ).joined(separator: "\\u003c")
    }
}
