internal import Judgement
internal import MTASTS

/// A part of the report.
struct ReportSection {
    /// A card: a title, what one needs to know, and a table with bars.
    struct Card {
        var title: String
        var note = ""
        var isWide = false
        var legend: [(tone: String, words: String)] = []
        var bars: BarTable
    }

    var id: String
    var title: String
    var lead: String
    var cards: [Card]

    /// The section as HTML.
    var html: String {
        var text = "<section id=\"\(id)\">\n<h2>\(title.html)</h2>\n"
        text += "<p class=\"soft\">\(lead.html)</p>\n<div class=\"cards\">\n"
        for card in cards {
            text +=
                "<div class=\"card\(card.isWide ? " wide" : "")\">\n<h3>\(card.title.html)</h3>\n"
            if !card.note.isEmpty { text += "<p class=\"note\">\(card.note.htmlWithCode)</p>\n" }
            if !card.legend.isEmpty {
                let items = card.legend.map {
                    "<li><svg viewBox=\"0 0 1 1\" aria-hidden=\"true\"><rect class=\"\($0.tone)\" "
                        + "width=\"1\" height=\"1\"/></svg>\($0.words)</li>"
                }
                text += "<ul class=\"legend\">\(items.joined())</ul>\n"
            }
            text += card.bars.html + "</div>\n"
        }
        return text + "</div>\n</section>\n"
    }
}

private let modeSegments = Mode.allCases.map {
    BarTable.Segment(column: $0.rawValue, tone: $0.tone)
}

private let modeLegend = Mode.allCases.map { ($0.tone, $0.rawValue) }

private let residueSegments =
    ["record_gone", "host_gone", "certificate", "not_found", "empty"].map {
        BarTable.Segment(column: $0, tone: "bad")
    } + [.init(column: "all_mismatch", tone: "fair"), .init(column: "mode_none", tone: "poor")]

extension Mode {
    /// The colour that stands for it.
    fileprivate var tone: String {
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
        [overview] + (groups.cards.isEmpty ? [] : [groups])
            + [adoption, providers, errors, certificates, hosts, others]
            + (networks.cards.isEmpty ? [] : [networks])
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
            bars.words = { $0[0] }
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
            bars.extra = ["domains", "policy_domains"]
            bars.words = { $0.filter { !$0.isEmpty }.joined(separator: " ") }
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

    private var overview: ReportSection {
        var funnel = bars("funnel", "plain")
        funnel.shareOf = "of_domains"
        funnel.words = { "\($0[0].spoken)" + ($0[1].isEmpty ? "" : " (of \($0[1].spoken))") }
        var verdicts = bars("verdicts", "plain")
        verdicts.extra = ["from_postfix"]
        verdicts.tone = verdictTone
        var senders = bars("sender_verdicts", "good")
        senders.extra = ["protected_dane", "protected_sts", "refused", "opportunistic"]
        var reasons = bars("reasons", "plain")
        reasons.tone = verdictTone
        reasons.words = { "\($0[0].spoken): \($0[1].spoken)" }
        return ReportSection(
            id: "overview", title: "Overview",
            lead: "Each share says what it is a part of: unknown is not absent.",
            cards: [
                .init(title: "From the list to protected mail", bars: funnel),
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
        maxAge.words = { $0[1] }
        var tlds = bars("tlds", "plain", count: "records")
        tlds.table = tlds.table.byColumn("records")
        tlds.shareOf = "mail"
        tlds.segments = modeSegments
        var ranks = bars("ranks", "plain", count: "records")
        ranks.shareOf = "mail"
        ranks.words = { $0[0] }
        return ReportSection(
            id: "adoption", title: "Adoption",
            lead: "Who has a record, and what the policy behind it asks for.",
            cards: [
                .init(title: "Valid policies by mode", bars: modes),
                .init(
                    title: "By rank", note: "Records, as shares of the domains that take mail.",
                    bars: ranks),
                .init(
                    title: "max_age", note: "How long senders are to keep the policy.",
                    legend: modeLegend, bars: maxAge),
                .init(
                    title: "By top-level domain",
                    note: "Records, as shares of the domains that take mail; bars: valid policies.",
                    legend: modeLegend, bars: tlds),
            ])
    }

    private var providers: ReportSection {
        let named: ([String]) -> String = { $0[0] }
        var mail = bars("mx_providers", "plain", count: "records")
        mail.table = mail.table.byColumn("records")
        mail.shareOf = "domains"
        mail.segments = modeSegments
        mail.words = named
        mail.extra = ["domains", "policies", "protected_sts", "refused"]
        var policies = bars("policy_providers", "plain")
        policies.segments = modeSegments
        policies.words = named
        policies.shareOf = nil
        policies.extra = ["ok", "tls", "http", "syntax", "all_mismatch"]
        var pairs = bars("same_provider", "plain")
        pairs.extra = ["mismatch", "refused"]
        var classes = bars("mx_classes", "plain", count: "records")
        classes.shareOf = "domains"
        classes.segments = modeSegments
        classes.extra = ["bad_certificate"]
        var residue = bars("residue", "bad")
        residue.words = named
        residue.segments = residueSegments
        residue.extra = residueSegments.map(\.column)
        return ReportSection(
            id: "providers", title: "Providers",
            lead: "Who takes the mail, and who hosts the policy.",
            cards: [
                .init(
                    title: "MX providers by records", note: table("mx_providers").note,
                    isWide: true,
                    legend: modeLegend, bars: mail),
                .init(
                    title: "Policy host providers", note: table("policy_providers").note,
                    isWide: true, legend: modeLegend, bars: policies),
                .init(title: "One provider or two", note: table("same_provider").note, bars: pairs),
                .init(title: "Self-managed and third party", legend: modeLegend, bars: classes),
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
        // Those of the other layers begin with the layer.
        reasons.words = { ($0[0] == "syntax" ? "syntax: " : "") + $0[1].spoken }
        var failures = bars("first_failures", "bad", count: "with_record")
        failures.table = failures.table.byColumn("with_record")
        failures.shareOf = nil
        failures.words = { $0[0].split(separator: ".").joined(separator: ": ").spoken }
        var records = bars("records", "bad")
        records.table.rows.removeAll { ["ok", "absent"].contains($0.labels[0]) }
        var parts = bars("misconfigurations", "bad")
        parts.extra = ["enforce", "refused"]
        failures.table = failures.table.rebased(to: table("misconfigurations").base)
        return ReportSection(
            id: "errors", title: "What breaks policies",
            lead: "From the record to the host: a domain can fail in several places.",
            cards: [
                .init(title: "Parts that are wrong", note: "Not exclusive.", bars: parts),
                .init(
                    title: "The first failure", note: "Exclusive, of domains with a record.",
                    bars: failures),
                .init(title: "Policy retrieval by layer", bars: layers),
                .init(title: "By reason", bars: reasons),
                .init(title: "Records", isWide: true, bars: records),
            ])
    }

    private var certificates: ReportSection {
        var errors = bars("mx_certificates", "bad", count: "with_record")
        errors.segments = [
            .init(column: "all", tone: "bad"), .init(column: "partial", tone: "fair"),
        ]
        errors.extra = ["enforce_all", "enforce_partial"]
        errors.table = errors.table.rebased(to: table("misconfigurations").base)
        var hosts = bars("host_certificates", "plain")
        hosts.extra = ["with_error"]
        var misses = bars("mx_mismatches", "bad")
        misses.segments = errors.segments
        misses.extra = ["enforce"]
        let extents = [("bad", "all hosts"), ("fair", "some")]
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
        var tlsrpt = bars("tlsrpt", "plain")
        tlsrpt.table.rows.removeAll { $0.labels[0] == "absent" }
        tlsrpt.extra = ["with_policy"]
        return ReportSection(
            id: "dane", title: "DANE and TLSRPT", lead: "What stands beside MTA-STS.",
            cards: [
                .init(title: "DANE", bars: dane),
                .init(
                    title: "Hosts whose TLSA is not met", bars: bars("host_dane_failures", "bad")),
                .init(title: "TLSRPT records", bars: tlsrpt),
                .init(
                    title: "What senders would report", isWide: true,
                    bars: bars("tlsrpt_results", "bad")),
            ])
    }
}

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
