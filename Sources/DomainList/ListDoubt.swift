internal import DNS

/// Why a list seems to be none of domains, or to be read in the wrong way: of the lines at its
/// beginning too many name no domain.
public struct ListDoubt: Sendable {
    /// How many lines at the beginning are looked at.
    private static let linesMax = 1000
    /// Of fewer entries one or two name no domain without saying anything of the list.
    private static let fewEntries = 10

    /// The lines that name no domain, by the reason.
    private struct Reason {
        var count = 0
        /// The first of them.
        var example: String
    }

    private let list: String
    private let format: ListFormat
    private let entries: Int
    private let bad: Int
    private let reasons: [(name: String, reason: Reason)]
    private let appearance: String?

    /// The doubt about a list; nil where at most a fifth of its first lines name no domain, and of
    /// fewer than ten at most a half.
    ///
    /// A name of one label counts as none where it is no TLD: it is more likely a word of something
    /// else. Nothing of the list counts as read.
    public init?(
        _ list: OpenedList, isTLD: (String) -> Bool = { _ in true }
    ) throws(ListError) {
        format = try list.examine()
        self.list = list.location.name
        appearance = list.appearance
        let reader = ListReader([list], .kept)
        var reasons: [String: Reason] = [:]
        // Where the list is damaged, reading it says so.
        while reader.statistics.lines < Self.linesMax, let entry = try? reader.next() {
            guard let (reason, message) = Self.fault(of: entry, isTLD) else { continue }
            let example = "line \(entry.line): \(message)"
            reasons[reason, default: Reason(example: example)].count += 1
        }
        let seen = reader.statistics
        if let count = seen.passedOver[.notUnderstood] {
            reasons[PassedOver.notUnderstood.rawValue] = Reason(
                count: count,
                example: "line \(seen.firstNotUnderstood ?? 1): no record of a zone file")
        }
        bad = reasons.values.reduce(0) { $0 + $1.count }
        entries = seen.entries + (seen.passedOver[.notUnderstood] ?? 0)
        self.reasons = reasons.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
            .map { (name: $0.key, reason: $0.value) }
        guard entries < Self.fewEntries ? 2 * bad > entries : 5 * bad > entries else { return nil }
    }

    private static func fault(
        of entry: ListEntry, _ isTLD: (String) -> Bool
    ) -> (reason: String, message: String)? {
        switch entry.name {
        case .failure(let invalid): return (invalid.reason.rawValue, invalid.message)
        case .success(let name):
            let text = name.text
            guard !text.contains("."), !isTLD(text) else { return nil }
            return ("single_label", "\(NameFault.quoted(text)) is no top-level domain")
        }
    }

    /// What is doubtful, in a line.
    public var summary: String {
        "the list \(list): of its first \(grouped(entries)) entries \(grouped(bad)) name no domain"
    }

    /// The reasons with examples, and what to try: a line each.
    public var details: [String] {
        let seems = appearance.map { ["it seems to be \($0)"] } ?? []
        let reasons = reasons.map { name, reason in
            "\(grouped(reason.count)) \(name), \(reason.example)"
        }
        return seems + reasons + ["it was read as: \(format.description)", advice]
    }

    private var advice: String {
        let columns = format.columnNames
        let column =
            columns.isEmpty
            ? [] : ["--column NAME|N (it has \(columns.joined(separator: ", ")))"]
        let tries =
            column + [
                "--format \(otherKinds)", "--accept-invalid to scan all the same",
            ]
        return "try \(tries.joined(separator: ", or "))"
    }

    private var otherKinds: String {
        ListFormat.Kind.allCases.filter { $0 != format.kind }.map(\.rawValue)
            .joined(separator: "|")
    }
}
