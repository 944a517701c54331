internal import Records

/// The statistics as one HTML file that needs nothing else: no network, no font, no library.
///
/// The page allows the style and the script that are in it, by their digests, and nothing else.
public struct Report: Sendable {
    /// What the report says of the scan besides the tables.
    public struct Heading: Sendable {
        /// The title; that of all reports where nobody has given one.
        public var title = "Who publishes MTA-STS, and what of it protects mail"
        /// Who has made the report.
        public var authors: [String] = []
        /// Under which licence the report is.
        public var licence: String?
        /// How the scan was made, paragraphs of text.
        public var method: [String] = []
        /// Where the records are.
        public var folder: String
        /// What is known of the scan, a few words each.
        public var facts: [String] = []
        /// What must be known of the records that were read, a line each.
        public var cautions: [String] = []
        /// The program and its version.
        public var program: String

        /// A heading.
        public init(folder: String, program: String) {
            self.folder = folder
            self.program = program
        }
    }

    let statistics: Statistics
    private let domains: FaultyDomains?
    private let heading: Heading

    /// A report of tables, and of domains by name where these are given.
    public init(_ statistics: Statistics, _ domains: FaultyDomains?, _ heading: Heading) {
        self.statistics = statistics
        self.domains = domains
        self.heading = heading
    }

    /// The style of every report.
    private static let style = text(PackageResources.report_css)
    /// The script of every report.
    private static let script = text(PackageResources.report_js)

    private static func text(_ octets: [UInt8]) -> String {
        "\n" + String(decoding: octets, as: UTF8.self)
    }

    /// The whole file; `digest` gives the SHA-256 of a text in Base64.
    public func html(digest: (String) -> String) -> String {
        let sections = sections
        let faults = domains.map { FaultSection($0, folder: heading.folder) }
        let shownFaults = faults.flatMap { $0.isEmpty ? nil : $0 }
        let terms = sections.flatMap(\.terms) + (shownFaults?.terms ?? [])
        var text = """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
            style-src 'sha256-\(digest(Self.style))'; \
            script-src 'sha256-\(digest(Self.script))'; base-uri 'none'; form-action 'none'">
            <title>\(heading.title.html)</title>
            \(authorElements)<style>\(Self.style)</style>
            </head>
            <body>
            <a class="skip" href="#main">To the figures</a>
            \(head)<nav aria-label="Sections"><ul>

            """
        let links =
            sections.map { ($0.id, $0.title) }
            + (shownFaults == nil ? [] : [("domains", "Domains")])
            + [("every-figure", "Every figure"), ("glossary", "Glossary"), ("method", "Method")]
        for (id, title) in links { text += "<li><a href=\"#\(id)\">\(title.html)</a></li>\n" }
        text += "</ul></nav>\n<main id=\"main\">\n"
        text += sections.map(\.html).joined() + (shownFaults?.html ?? "") + everyFigure
        text += glossary(terms) + method + "</main>\n"
        return text + """
            <footer>
            <p>Made by \(heading.program.html). Every figure is one of \
            <code>stsurvey stats</code>; unknown is never counted as absent.</p>
            </footer>
            <script type="application/json" id="data">\(data(shownFaults))</script>
            <script>\(Self.script)</script>
            </body>
            </html>

            """
    }

    /// The table of a name; every name that a section uses is one of the tables.
    func table(_ name: String) -> StatsTable {
        statistics.table(name)
            ?? .empty(name)
    }

    // MARK: Head

    private var authorElements: String {
        heading.authors.map { "<meta name=\"author\" content=\"\($0.html)\">\n" }.joined()
    }

    private var head: String {
        var text = "<header>\n<h1>\(heading.title.html)</h1>\n"
        if !heading.authors.isEmpty {
            let names = heading.authors.map(\.html).joined(separator: "; ")
            text += "<p class=\"authors\">\(names)</p>\n"
        }
        text += "<p class=\"soft\">\(heading.facts.map(\.html).joined(separator: " · "))</p>\n"
        for caution in heading.cautions {
            text += "<p class=\"caution\"><strong>Caution:</strong> \(caution.htmlWithCode)</p>\n"
        }
        let sentences = findings
        if !sentences.isEmpty {
            text += "<div class=\"findings\">\n"
            text += sentences.map { "<p>\($0.html)</p>\n" }.joined() + "</div>\n"
        }
        return text + "<div class=\"figures\">\n\(figures)</div>\n</header>\n"
    }

    /// The key figures.
    private var figures: String {
        let funnel = table("funnel")
        let words = [
            ("scanned", "domains scanned"), ("has_mail", "take mail"),
            ("has_record", "of them have a record"), ("has_policy", "have a valid policy"),
            ("enforce", "enforce it"), ("enforce_protected", "enforce it and are protected"),
        ]
        let wholes = [
            "answered": "of those that were answered", "has_mail": "of what takes mail",
            "has_record": "of records", "record_valid": "of valid records",
            "has_policy": "of valid policies", "enforce": "of what is enforced",
        ]
        return words.map { stage, words in
            let row = funnel.rows.first { $0.labels[0] == stage }
            let (counts, whole) = (row?.counts ?? [0, 0], row?.labels[1] ?? "")
            let share = wholes[whole].map { ", \(percent(counts[0], of: counts[1]).html) \($0)" }
            return "<div class=\"figure\" data-stage=\"\(stage)\" data-count=\"\(counts[0])\">"
                + "<b>\(grouped(counts[0]))</b><span>\(words)\(share ?? "")</span></div>\n"
        }.joined()
    }

    // MARK: Tail

    private var everyFigure: String {
        """
        <section id="every-figure">
        <h2>Every figure</h2>
        <p class="soft">All tables, as <code>stsurvey stats</code> has them, to be searched, \
        sorted by a column's head, and taken away as CSV. Several words must all be there.</p>
        <div class="card">
        <form id="search" role="search">
        <label>Table<select name="table"></select></label>
        <label>Search<input name="words" type="search" autocomplete="off"></label>
        </form>
        <p class="note" id="table-note"></p>
        <p class="note bar-of-table"><span id="told" role="status" tabindex="-1"></span>
        <button type="button" id="csv">CSV</button></p>
        <div class="scroll" tabindex="0" role="region" aria-label="Rows of the table">\
        <table class="every" id="figures"></table></div>
        <noscript><p>Searching needs JavaScript.</p></noscript>
        </div>
        </section>

        """
    }

    private func glossary(_ terms: [GlossaryTerm]) -> String {
        var known: Set<String> = []
        let entries = terms.filter { !$0.meaning.isEmpty && known.insert($0.code).inserted }
        return """
            <section id="glossary">
            <h2>Glossary</h2>
            <p class="soft">The words of this report, the codes that records have for them, and \
            what they mean. <code>stsurvey explain CODE</code> says what to do about each.</p>
            <div class="card"><dl>
            \(entries.map(\.entry).joined())</dl></div>
            </section>

            """
    }

    private var method: String {
        var text = "<section id=\"method\">\n<h2>Method</h2>\n<div class=\"card\">\n"
        text += heading.method.map { "<p>\($0.htmlWithCode)</p>\n" }.joined()
        text += "<p>\(Self.methodOfAll)</p>\n"
        for caution in statistics.cautions { text += "<p>\(caution.html)</p>\n" }
        if let licence = heading.licence { text += "<p>Licence: \(licence.html).</p>\n" }
        return text + "</div>\n</section>\n"
    }

    /// What is true of every scan.
    private static let methodOfAll = """
        stsurvey asks DNS for MX, addresses, the TXT records of MTA-STS and TLSRPT, and TLSA; it \
        fetches the policy of each domain with a record over HTTPS, and connects once to each MX \
        host, up to STARTTLS and the TLS handshake. It sends no mail. The results are those of a \
        sender that keeps to RFC 8461 and RFC 7672 and has nothing cached. Bars are shares, drawn \
        on the scale that the head of each column of bars names; pale bars are of fewer than \
        \(BarTable.leastWhole) domains or hosts. <code>manifest.json</code> in the folder of the \
        scan has every option, the digests of lists and files, and the resolver.
        """
}
