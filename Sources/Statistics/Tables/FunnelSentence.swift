internal import Judgement
internal import MTASTS
internal import Records

extension OutcomeTotals {
    /// The funnel in a sentence or two, with shares of the domains that take mail.
    func headline(isSample: Bool) -> String {
        let scanned = count(\.isScanned)
        guard scanned > 0 else { return "No domain was scanned." }
        let mail = count(\.takesMail)
        let unknown = count { $0.isScanned && !$0.isAnswered }
        let of = "Of \(grouped(scanned)) \(scanned == 1 ? "domain" : "domains") scanned"
        let rest =
            unknown > 0 ? " Of \(grouped(unknown)) it is not known whether they take mail." : ""
        guard mail > 0 else { return "\(of), none is known to take mail.\(rest)" }
        func part(_ condition: (DomainOutcomes) -> Bool) -> String {
            let part = count { $0.takesMail && condition($0) }
            let share = Share(part, of: mail)
            let interval =
                isSample ? share?.interval.map { ", 95% interval \($0.text)" } ?? "" : ""
            return "\(grouped(part)) (\(percent(part, of: mail))\(interval))"
        }
        return """
            \(of), \(grouped(mail)) take mail: \(part(\.hasRecord)) of these have an MTA-STS \
            record, \(part(\.hasPolicy)) a valid policy behind a valid record, \
            \(part { $0.mode == .enforce }) enforce it, and mail to \(part(\.isProtected)) is \
            protected, to \(grouped(count { $0.verdict == .protectedSTS })) by MTA-STS and to \
            \(grouped(count { $0.verdict == .protectedDANE })) by DANE.\(rest)
            """
    }
}
