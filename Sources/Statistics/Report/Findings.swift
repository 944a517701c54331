internal import Judgement
internal import Records

/// What a scan found, in a few sentences.
extension Report {
    /// The sentences, the most important first; empty where no domain takes mail.
    var findings: [String] {
        let mail = stage("has_mail")
        guard mail > 0 else { return [] }
        return [adoptionSentence(mail), outcomeSentence, failureSentence, rankSentence]
            .compactMap(\.self)
    }

    /// How many domains are at a stage of the funnel.
    func stage(_ name: String) -> Int {
        table("funnel").rows.first { $0.labels[0] == name }?.counts[0] ?? 0
    }

    private func adoptionSentence(_ mail: Int) -> String {
        let (records, enforce) = (stage("has_record"), stage("enforce"))
        guard records > 0 else {
            return "None of the \(counted(mail, "domain")) that take mail has an MTA-STS record."
        }
        return "Of \(counted(mail, "domain")) that \(mail == 1 ? "takes" : "take") mail, "
            + "\(grouped(records)) (\(percent(records, of: mail))) "
            + "\(records == 1 ? "has" : "have") an MTA-STS record, and \(grouped(enforce)) "
            + "(\(percent(enforce, of: mail))) a valid policy in mode enforce."
    }

    private var outcomeSentence: String? {
        let known = stage("verdict_known")
        guard known > 0 else { return nil }
        let (sts, dane) = (verdict(.protectedSTS), verdict(.protectedDANE))
        let refused = verdict(.refused)
        var text =
            "Mail is protected at \(counted(sts + dane, "domain")) "
            + "(\(percent(sts + dane, of: known)) of those whose result is known)"
        if sts > 0, dane > 0 {
            text += ", at \(grouped(sts)) by MTA-STS and at \(grouped(dane)) by DANE"
        }
        guard refused > 0 else { return text + "." }
        return text + ". Senders that honour MTA-STS or DANE refuse to deliver to "
            + "\(counted(refused, "domain")) (\(percent(refused, of: known)))."
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

    private func verdict(_ verdict: Verdict) -> Int {
        table("verdicts").rows.first { $0.labels[0] == verdict.rawValue }?.counts[0] ?? 0
    }
}
