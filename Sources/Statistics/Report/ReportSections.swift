internal import Judgement
internal import MTASTS

/// A part of the report.
struct ReportSection {
    /// A card: a title, what one needs to know, perhaps a chart, and a table with bars.
    struct Card {
        var title: String
        var note = ""
        var isWide = false
        var legend: [(tone: String, words: String)] = []
        var chart: Chart?
        var bars: BarTable
    }

    var id: String
    var title: String
    var lead: String
    /// The cards that have something to say.
    private var cards: [Card]

    /// A section of the cards that are not empty.
    init(id: String, title: String, lead: String, cards: [Card]) {
        self.id = id
        self.title = title
        self.lead = lead
        self.cards = cards.filter { !$0.bars.isEmpty }
    }

    /// Whether there is nothing to show.
    var isEmpty: Bool { cards.isEmpty }

    /// The values that the section speaks of.
    var terms: [GlossaryTerm] { cards.flatMap(\.bars.terms) }

    /// The section as HTML.
    var html: String {
        var text = "<section id=\"\(id)\">\n<h2>\(title.html)</h2>\n"
        text += "<p class=\"soft\">\(lead.html)</p>\n<div class=\"cards\">\n"
        for card in cards {
            text +=
                "<div class=\"card\(card.isWide ? " wide" : "")\">\n<h3>\(card.title.html)</h3>\n"
            if !card.note.isEmpty { text += "<p class=\"note\">\(card.note.htmlWithCode)</p>\n" }
            if let chart = card.chart { text += chart.html + chart.legend }
            if !card.legend.isEmpty { text += legend(card.legend) }
            text += card.bars.html + "</div>\n"
        }
        return text + "</div>\n</section>\n"
    }

    private func legend(_ entries: [(tone: String, words: String)]) -> String {
        let items = entries.map {
            "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"\($0.tone)\" "
                + "width=\"1\" height=\"1\"/></svg>\($0.words.html)</li>"
        }
        return "<ul class=\"legend\">\(items.joined())</ul>\n"
    }
}

private let modeSegments = Mode.allCases.map {
    BarTable.Segment(column: $0.rawValue, tone: $0.tone)
}

private let modeLegend = Mode.allCases.map { ($0.tone, "mode \($0.rawValue)") }

/// What a record without a valid policy is called.
private let noPolicy = (words: "no valid policy", tone: "bad")

private let recordLegend = modeLegend + [(noPolicy.tone, noPolicy.words)]

private let residueSegments =
    ["record_gone", "host_gone", "certificate", "not_found", "empty"].map {
        BarTable.Segment(column: $0, tone: "bad")
    } + [.init(column: "all_mismatch", tone: "fair"), .init(column: "mode_none", tone: "poor")]

extension Mode {
    /// The colour that stands for it.
    var tone: String {
        switch self {
        case .enforce: "good"
        case .testing: "fair"
        case .none: "poor"
        }
    }
}

/// The colour of a verdict.
private func verdictTone(_ labels: [String]) -> String {
    switch Verdict(rawValue: labels[0]) {
    case .protectedSTS, .protectedDANE: "good"
    case .testingOK, .partial: "fair"
    case .refused, .testingWouldFail: "bad"
    case .opportunistic: "plain"
    case .noMail, .unknown, nil: "poor"
    }
}

extension Report {
    /// The sections in the order of the questions.
    var sections: [ReportSection] {
        [
            overview, groups, adoption, providers, errors, certificates, hosts, others, networks,
        ].filter { !$0.isEmpty }
    }

    /// What columns of the list were asked for.
    private var groups: ReportSection {
        let cards = Statistics.groupNames.compactMap { name -> ReportSection.Card? in
            guard let table = statistics.table(name) else { return nil }
            let isWeights = name == "weights"
            var bars = bars(name, "plain", count: isWeights ? "weight" : "records")
            bars.table = isWeights ? table : table.byColumn("domains")
            bars.shareOf = isWeights ? "of_weight" : "mail"
            bars.extra = isWeights ? ["domains", "of_domains"] : ["domains", "protected_sts"]
            bars.limit = 30
            return .init(title: table.title, note: table.note, isWide: true, bars: bars)
        }
        return ReportSection(
            id: "groups", title: "Groups and weights",
            lead: "By columns of the list; shares are of what takes mail.", cards: cards)
    }

    /// Where hosts are, where the scan has files that say it.
    private var networks: ReportSection {
        let cards = Statistics.networkNames.compactMap { name -> ReportSection.Card? in
            guard let table = statistics.table(name) else { return nil }
            var bars = bars(name, "plain")
            bars.table = table.rebased(to: self.table("hosts").base)
            bars.extra = ["domains", "policy_domains"]
            bars.limit = 30
            return .init(title: table.title, note: table.note, isWide: true, bars: bars)
        }
        return ReportSection(
            id: "networks", title: "Networks",
            lead: "Where MX hosts and policy hosts are, by the files of --asn-file.", cards: cards)
    }

    func bars(_ name: String, _ tone: String, count: String? = nil) -> BarTable {
        let table = table(name)
        let column = count ?? table.columns[0]
        return BarTable(table: table, count: column, segments: [.init(column: column, tone: tone)])
    }

    /// Records as shares of what takes mail, each bar parted by the mode of the policy.
    private func adoptionBars(_ name: String, of whole: String) -> BarTable {
        var bars = bars(name, "plain", count: "records")
        bars.shareOf = whole
        bars.segments = modeSegments
        bars.remainder = noPolicy
        return bars
    }

    private var overview: ReportSection {
        var funnel = bars("funnel", "plain")
        funnel.shareOf = "of_domains"
        funnel.table.rows.removeAll { $0.labels[0] == "lines" }
        var verdicts = bars("verdicts", "plain")
        verdicts.extra = ["from_postfix"]
        verdicts.tone = verdictTone
        verdicts.head = "result"
        var senders = bars("sender_verdicts", "good")
        senders.extra = ["protected_dane", "protected_sts", "refused", "opportunistic"]
        var reasons = bars("reasons", "plain")
        reasons.tone = verdictTone
        reasons.head = "result: reason"
        return ReportSection(
            id: "overview", title: "Overview",
            lead: "Each share says what it is a part of: unknown is not absent.",
            cards: [
                .init(
                    title: "From the list to protected mail",
                    note: "The share is of the domains at the stage that the stage is a part of.",
                    bars: funnel),
                .init(title: "What becomes of mail", note: table("verdicts").note, bars: verdicts),
                .init(
                    title: "Protected for which senders", note: table("sender_verdicts").note,
                    isWide: true, bars: senders),
                .init(title: "Why", isWide: true, bars: reasons),
            ])
    }

    private var adoption: ReportSection {
        var modes = bars("modes", "plain")
        modes.extra = ["protected_sts", "refused"]
        modes.tone = { Mode(rawValue: $0[0])?.tone ?? "poor" }
        var maxAge = bars("max_age", "plain")
        maxAge.segments = modeSegments
        maxAge.head = "max_age"
        var tlds = adoptionBars("tlds", of: "mail")
        tlds.table = tlds.table.byColumn("records")
        var ranks = adoptionBars("ranks", of: "mail")
        let isRanked = ranks.table.rows.contains { $0.labels[0] != "unranked" && $0.counts[0] > 0 }
        // Domains that are all without a rank are no distribution.
        if !isRanked { ranks.table.rows = [] }
        let note = "Records, as shares of the domains that take mail."
        return ReportSection(
            id: "adoption", title: "Adoption",
            lead: "Who has a record, and what the policy behind it asks for.",
            cards: [
                .init(title: "Valid policies by mode", bars: modes),
                .init(
                    title: "By rank", note: note, legend: recordLegend, chart: rankChart,
                    bars: ranks),
                .init(
                    title: "How long senders are to keep the policy",
                    note: "max_age: what protects mail where an attacker suppresses the record.",
                    legend: modeLegend, chart: maxAgeChart, bars: maxAge),
                .init(
                    title: "By top-level domain", note: note, legend: recordLegend,
                    chart: tldChart, bars: tlds),
            ])
    }

    private var providers: ReportSection {
        var mail = adoptionBars("mx_providers", of: "domains")
        mail.table = mail.table.byColumn("records")
        mail.extra = ["domains", "policies", "protected_sts", "refused"]
        var policies = bars("policy_providers", "plain")
        policies.segments = modeSegments
        policies.remainder = noPolicy
        policies.shareOf = "domains"
        policies.hasShare = false
        policies.extra = ["ok", "tls", "http", "syntax", "all_mismatch"]
        var pairs = bars("same_provider", "fair", count: "mismatch")
        pairs.shareOf = "domains"
        pairs.segments = [.init(column: "all_mismatch", tone: "bad")]
        pairs.remainder = ("some hosts", "fair")
        pairs.extra = ["domains", "refused"]
        var classes = adoptionBars("mx_classes", of: "domains")
        classes.extra = ["bad_certificate"]
        var residue = bars("residue", "bad")
        residue.segments = residueSegments
        residue.shareOf = "domains"
        residue.hasShare = false
        residue.extra = residueSegments.map(\.column)
        return ReportSection(
            id: "providers", title: "Providers",
            lead: "Who takes the mail, and who hosts the policy.",
            cards: [
                .init(
                    title: "MX providers by records", note: table("mx_providers").note,
                    isWide: true, legend: recordLegend, bars: mail),
                .init(
                    title: "Policy host providers", note: table("policy_providers").note,
                    isWide: true, legend: recordLegend, bars: policies),
                .init(
                    title: "One provider or two: hosts that the policy does not name",
                    note: table("same_provider").note, legend: extents, bars: pairs),
                .init(
                    title: "Self-managed and third party", legend: recordLegend, bars: classes),
                .init(
                    title: "Delegated, and no policy in force", note: table("residue").note,
                    isWide: true,
                    legend: [
                        ("bad", "no policy"), ("fair", "none of the hosts named"),
                        ("poor", "mode none"),
                    ], bars: residue),
            ])
    }

    private var errors: ReportSection {
        var layers = bars("policy_layers", "bad")
        layers.table.rows.removeAll { $0.labels[0] == "records" || $0.labels[0] == "ok" }
        layers.extra = ["self", "third_party"]
        var reasons = bars("policy_errors", "bad")
        reasons.table = reasons.table.byColumn("domains")
        reasons.head = "reason"
        var failures = bars("first_failures", "bad", count: "with_record")
        failures.table = failures.table.byColumn("with_record")
            .rebased(to: table("misconfigurations").base)
        failures.head = "what fails first"
        var records = bars("records", "bad")
        records.table.rows.removeAll { ["ok", "absent"].contains($0.labels[0]) }
        records.head = "record"
        var parts = bars("misconfigurations", "bad")
        parts.extra = ["enforce", "refused"]
        return ReportSection(
            id: "errors", title: "What breaks policies",
            lead: "From the record to the host: a domain can fail in several places.",
            cards: [
                .init(
                    title: "Parts that are wrong",
                    note: "Of domains with a record; one counts in each row that it meets.",
                    bars: parts),
                .init(
                    title: "What fails first",
                    note: "Of domains with a record; each counts once, in the order a sender goes.",
                    bars: failures),
                .init(title: "Policies that cannot be had, by step", bars: layers),
                .init(title: "The same by reason", bars: reasons),
                .init(
                    title: "Records that are not valid or not known", note: "Of domains scanned.",
                    isWide: true, bars: records),
            ])
    }

    private var certificates: ReportSection {
        var errors = bars("mx_certificates", "bad", count: "with_record")
        errors.segments = extentSegments
        errors.extra = ["enforce_all", "enforce_partial"]
        errors.table = errors.table.rebased(to: table("misconfigurations").base)
        var hosts = bars("host_certificates", "plain")
        hosts.extra = ["with_error"]
        hosts.head = "certificate"
        var misses = bars("mx_mismatches", "bad")
        misses.segments = extentSegments
        misses.extra = ["enforce"]
        misses.head = "nearest pattern"
        return ReportSection(
            id: "certificates", title: "Certificates and names of MX hosts",
            lead: "A policy in force refuses a host without a valid certificate for its name.",
            cards: [
                .init(
                    title: "Domains with a record and bad certificates", legend: extents,
                    bars: errors),
                .init(title: "Hosts that the policy does not name", legend: extents, bars: misses),
                .init(title: "Hosts by certificate", bars: hosts),
                .init(title: "Hosts by the end of the probe", bars: bars("hosts", "plain")),
            ])
    }

    private var others: ReportSection {
        var dane = bars("dane", "plain")
        dane.extra = ["with_policy"]
        dane.head = "DANE"
        var tlsrpt = bars("tlsrpt", "plain")
        tlsrpt.table.rows.removeAll { $0.labels[0] == "absent" }
        tlsrpt.extra = ["with_policy"]
        tlsrpt.head = "record"
        var results = bars("tlsrpt_results", "bad")
        results.head = "result"
        var failures = bars("host_dane_failures", "bad")
        failures.head = "why"
        return ReportSection(
            id: "dane", title: "DANE and TLSRPT", lead: "What stands beside MTA-STS.",
            cards: [
                .init(title: "DANE", note: "Of domains that take mail.", bars: dane),
                .init(title: "Hosts whose TLSA records are not met", bars: failures),
                .init(
                    title: "TLSRPT records",
                    note: "Of domains scanned; those without one are left out.", bars: tlsrpt),
                .init(
                    title: "What senders would report",
                    note: "Of domains scanned (RFC 8460 §4.3).", isWide: true, bars: results),
            ])
    }
}

private let extents = [("bad", "all hosts"), ("fair", "some hosts")]

private let extentSegments = [
    BarTable.Segment(column: "all", tone: "bad"), .init(column: "partial", tone: "fair"),
]

extension StatsTable {
    /// The same with the rows in the order of a column.
    fileprivate func byColumn(_ column: String) -> StatsTable {
        var table = self
        let place = place(column)
        table.rows.sort { $0.counts[place] > $1.counts[place] }
        return table
    }

    /// The same, its shares of another whole.
    fileprivate func rebased(to base: Base?) -> StatsTable {
        var table = self
        table.base = base
        return table
    }
}
