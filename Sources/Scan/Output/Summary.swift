internal import Console
internal import DomainList
internal import Judgement
internal import MTASTS
internal import Observations
internal import Records

/// What a person wants to know at the end of a scan, on one screen.
struct Summary {
    private let totals: ScanTotals
    private let done: Int
    private let seconds: Double
    private let cautions: [String]
    /// What the lines of the lists were that are no plain names.
    private let listNotes: [(label: String, count: Int)]

    /// The counts of the records that are on the disk; `done` were made in these seconds.
    init(
        _ totals: ScanTotals, done: Int, seconds: Double, cautions: [String] = [],
        lists: ListStatistics = ListStatistics()
    ) {
        listNotes = lists.notes
        self.cautions = cautions
        self.totals = totals
        self.done = done
        self.seconds = seconds
    }

    var text: String {
        var lines = ["", headline, ""]
        lines += funnel.map(row)
        lines += ["", "Mail to them, from a sender that keeps to the RFCs:"]
        lines += verdicts.map(row)
        let failures = fetchFailures
        if !failures.isEmpty {
            lines += ["", "Policies that could not be fetched:"]
            lines += failures.map(row)
        }
        if !listNotes.isEmpty { lines += ["", "Of the lists' lines:"] + listNotes.map(row) }
        if !cautions.isEmpty { lines += [""] + cautions.map { "Caution: \($0)" } }
        return lines.joined(separator: "\n") + "\n"
    }

    private var headline: String {
        let rate = seconds > 0 ? Int(Double(done) / seconds) : 0
        let time = seconds < 10 ? "\(tenths(seconds))s" : duration(Int(seconds))
        return "\(grouped(totals.domainCount)) records in \(time) (\(grouped(rate))/s), "
            + "\(grouped(totals.hostCount)) MX hosts"
    }

    /// Each row is a part of the row above it.
    private var funnel: [(label: String, count: Int)] {
        let scanned = totals.statuses[.scanned]
        let hasMail = totals.mx[.hasMX] + totals.mx[.implicit] + totals.mx[.nullMXPlus]
        let records =
            totals.domainCount - totals.records.absences
            - STSRecordStatus.allCases.filter { !$0.callsForFetch }
            .reduce(0) { $0 + totals.records[$1] }
        return [
            ("domain names", scanned), ("take mail", hasMail), ("have an MTA-STS record", records),
            ("with a policy that is valid", totals.policies[.ok]),
            ("in mode enforce", totals.modes[.enforce]),
        ]
    }

    /// What most ask for comes first.
    private var verdicts: [(label: String, count: Int)] {
        ([.protectedSTS] + Verdict.allCases.filter { $0 != .protectedSTS })
            .map { ($0.label, totals.verdicts[$0]) }
    }

    private var fetchFailures: [(label: String, count: Int)] {
        PolicyFetchStatus.allCases
            .filter { $0 != .ok && $0 != .notFetched && totals.fetches[$0] > 0 }
            .map { ($0.rawValue, totals.fetches[$0]) }
            .sorted { $0.count > $1.count }
    }

    private func row(_ label: String, _ count: Int) -> String {
        let number = grouped(count)
        return String(repeating: " ", count: max(1, 12 - number.count)) + number + "  " + label
    }

    private func tenths(_ seconds: Double) -> String {
        let tenths = Int(seconds * 10)
        return "\(tenths / 10).\(tenths % 10)"
    }
}
