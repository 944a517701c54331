internal import Explanations
internal import Judgement
internal import MTASTS
internal import Records

/// From providers to what fails at their domains, and to the domains themselves.
struct FaultSection {
    /// A provider with what fails first at its domains.
    struct Provider {
        var name: String
        var count: Int
        /// The first failures with their domains, the most frequent first.
        var failures: [(failure: FirstFailure, count: Int)]
    }

    /// How many providers are shown.
    private static let shownMax = 40

    private let domains: FaultyDomains
    private let folder: String
    private let providers: [Provider]

    /// The section of the domains of a folder.
    init(_ domains: FaultyDomains, folder: String) {
        self.domains = domains
        self.folder = folder
        providers = domains.faults.entries.map { key, counts in
            let failures = zip(FirstFailure.allCases, counts.dropFirst()).filter { $1 > 0 }
                .sorted { $0.1 > $1.1 }
            return Provider(
                name: key.labels(domains.catalogue)[0], count: counts[0],
                failures: failures.map { ($0, $1) })
        }.sorted { ($1.count, $0.name) < ($0.count, $1.name) }
    }

    /// Whether there is nothing to say.
    var isEmpty: Bool { total == 0 && domains.named.isEmpty }

    /// What the section speaks of, for the glossary.
    var terms: [GlossaryTerm] {
        var failures: Set<FirstFailure> = []
        for provider in providers { failures.formUnion(provider.failures.map(\.failure)) }
        failures.formUnion(domains.named.compactMap(\.failure))
        let verdicts = Set(domains.named.map(\.verdict))
        return Verdict.allCases.filter(verdicts.contains).map { GlossaryTerm($0) }
            + FirstFailure.allCases.filter(failures.contains).map { GlossaryTerm($0) }
    }

    private var total: Int {
        providers.reduce(0) { $0 + $1.count } + (domains.faults.others.first ?? 0)
    }

    /// The section.
    var html: String {
        """
        <section id="domains">
        <h2>Domains</h2>
        \(total > 0 ? tree : "")\(domains.named.isEmpty ? "" : search)\
        </section>

        """
    }

    /// Providers that open to what fails, which leads to the domains.
    private var tree: String {
        var text = """
            <div class="card">
            <h3>What is to be mended, by provider of the mail</h3>
            <p class="note">\(grouped(total)) domains ask for protection by MTA-STS or DANE and do \
            not get it in full. Each counts once, by what fails first. Open a provider for the \
            reasons; a reason lists its domains below.</p>

            """
        for provider in providers.prefix(Self.shownMax) {
            text += "<details><summary><span>\(Self.words(provider.name).html)</span> "
            text += "<b>\(grouped(provider.count))</b></summary>\n<ul class=\"reasons\">\n"
            for (failure, count) in provider.failures {
                text += "<li><a href=\"#domain-search\" data-provider=\"\(provider.name.html)\" "
                text += "data-failure=\"\(failure.text)\">\(failure.shortName.html)</a> "
                text += "<b>\(grouped(count))</b></li>\n"
            }
            text += "</ul></details>\n"
        }
        if providers.count > Self.shownMax {
            text += "<p class=\"more\">and \(grouped(providers.count - Self.shownMax)) providers "
            text += "more, of fewer domains</p>\n"
        }
        return text + "</div>\n"
    }

    private var search: String {
        let (named, all) = (domains.named.count, domains.candidates)
        let which =
            named == all
            ? "All \(grouped(all)) domains of the scan are here."
            : """
            \(grouped(named)) of \(grouped(all)) domains are here: those to be mended first, then \
            those with a record, then others, each by rank or, without ranks, at random. All with \
            something to mend: <code>stsurvey list \(folder.html)</code>.
            """
        return """
            <div class="card" id="domain-search">
            <h3>Search for a domain</h3>
            <p class="note">\(which)</p>
            <form id="find" role="search">
            <label>Domain<input name="words" type="search" autocomplete="off" spellcheck="false">\
            </label>
            <label>Which<select name="need"><option value="">all</option>\
            <option value="mending">with something to mend</option></select></label>
            <label>Result<select name="verdict"><option value="">any</option></select></label>
            <label>What fails first<select name="failure"><option value="">anything</option>\
            </select></label>
            <label>Mail at<select name="mail"><option value="">any</option></select></label>
            <label>Policy at<select name="policy"><option value="">any</option></select></label>
            </form>
            <p class="note bar-of-table"><span id="found" role="status" tabindex="-1"></span>
            <button type="button" id="domains-csv">CSV</button></p>
            <div class="scroll" tabindex="0" role="region" aria-label="Domains found">\
            <table class="every" id="domain-table"></table></div>
            <noscript><p>Searching needs JavaScript.</p></noscript>
            </div>

            """
    }

    /// What people call an operator.
    private static func words(_ name: String) -> String { operatorWords[name] ?? name }

    /// The domains for the script: texts once each, and rows that refer to them.
    var document: JSONDocument {
        var texts = TextTable()
        let rows = domains.named.map { domain -> JSONDocument in
            let verdict = texts.index(
                of: domain.verdict.rawValue, GlossaryTerm(domain.verdict).label)
            let failure = domain.failure.map { texts.index(of: $0.text, $0.shortName) }
            let providers = [domain.mx, domain.policy].map { key in
                let name = key.labels(domains.catalogue)[0]
                return texts.index(of: name, Self.words(name))
            }
            return .array([
                .boolean(domain.isFaulty), .string(domain.domain),
                domain.rank.map { .integer($0) } ?? .null,
                .integer(verdict), failure.map { .integer($0) } ?? .null,
                domain.mode.map { .integer(texts.index(of: $0.rawValue, $0.rawValue)) } ?? .null,
                .integer(providers[0]), .integer(providers[1]),
            ])
        }
        return .object([("texts", texts.document), ("rows", .array(rows))])
    }
}

/// Codes with their words, each once.
private struct TextTable {
    private var places: [String: Int] = [:]
    private var entries: [(code: String, words: String)] = []

    mutating func index(of code: String, _ words: String) -> Int {
        if let place = places[code + "\u{0}" + words] { return place }
        places[code + "\u{0}" + words] = entries.count
        entries.append((code, words))
        return entries.count - 1
    }

    var document: JSONDocument {
        .array(entries.map { .array([.string($0.code), .string($0.words)]) })
    }
}
