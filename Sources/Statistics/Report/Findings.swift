internal import Judgement
internal import Records

/// What a scan found, in a few sentences.
extension Report {
    /// The sentences, the most important first; empty where no domain takes mail.
    var findings: [String] {
        guard stage("has_mail") > 0 else { return [] }
        return [statistics.headline, refusalSentence, failureSentence, rankSentence]
            .compactMap(\.self)
    }

    /// How many domains are at a stage of the funnel.
    func stage(_ name: String) -> Int {
        table("funnel").rows.first { $0.labels[0] == name }?.counts[0] ?? 0
    }

    private var refusalSentence: String? {
        let name = Verdict.refused.rawValue
        let refused = table("verdicts").rows.first { $0.labels[0] == name }?.counts[0] ?? 0
        guard refused > 0 else { return nil }
        return "Senders that honour MTA-STS or DANE refuse to deliver to "
            + "\(counted(refused, "domain")) (\(percent(refused, of: stage("verdict_known"))) of "
            + "those whose result is known)."
    }

    private var failureSentence: String? {
        let failures = table("first_failures")
        let column = failures.place("with_record")
        let total = failures.rows.reduce(0) { $0 + $1.counts[column] }
        let first = failures.rows.filter { $0.counts[column] > 0 }
            .max { $0.counts[column] < $1.counts[column] }
        guard let first, total >= BarTable.leastWhole else { return nil }
        let words = words(first, in: "first_failures")
        return "What most often keeps a domain with a record from protection is “\(words)”: "
            + "\(counted(first.counts[column], "domain")) of \(grouped(total)) that fail."
    }

    private var rankSentence: String? {
        let ranks = table("ranks")
        let (mail, records) = (ranks.place("mail"), ranks.place("records"))
        let rows = ranks.rows.filter {
            $0.labels[0] != "unranked" && $0.counts[mail] >= 5 * BarTable.leastWhole
        }
        guard let first = rows.first, let last = rows.last, rows.count > 1 else { return nil }
        let (top, bottom) = (words(first, in: "ranks"), words(last, in: "ranks"))
        return "Of the domains of rank \(top) that take mail, "
            + "\(percent(first.counts[records], of: first.counts[mail])) have a record; of those "
            + "\(bottom), \(percent(last.counts[records], of: last.counts[mail]))."
    }

    /// What the report calls the first value of a row.
    private func words(_ row: StatsTable.Row, in table: String) -> String {
        GlossaryTerm.all(of: table, row.labels)[0].label
    }
}
