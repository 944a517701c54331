internal import DNS
internal import Explanations
internal import Judgement
internal import MTASTS
internal import Records

/// A text about a domain of a selection: a column of tables, and a placeholder of templates.
public struct SelectionColumn: Sendable {
    /// The name, such as `verdict` or, of a column of the list, `list.sector`.
    public let name: String
    /// The meaning.
    public let meaning: String
    /// The text; empty where there is none.
    public let text: @Sendable (SelectedDomain) -> String

    private init(
        _ name: String, _ meaning: String, _ text: @escaping @Sendable (SelectedDomain) -> String?
    ) {
        self.name = name
        self.meaning = meaning
        self.text = { text($0) ?? "" }
    }

    /// The columns that every scan has, in the order of tables.
    public static let all = [
        SelectionColumn("domain", "The domain.") { $0.name.text },
        SelectionColumn("rank", "The rank, where the list has one.") {
            $0.entry.rank.map(String.init)
        },
        SelectionColumn("verdict", "What becomes of mail.") { $0.judgement.verdict.rawValue },
        SelectionColumn("verdict_reason", "The reason for the verdict.") {
            $0.judgement.reason.rawValue
        },
        SelectionColumn("first_failure", "The first cause of the verdict.") {
            $0.judgement.firstFailure?.text
        },
        SelectionColumn("mode", "The mode of a valid policy.") { $0.judgement.mode?.rawValue },
        SelectionColumn("mx_provider", "Who runs the MX hosts.") { $0.mxProvider },
        SelectionColumn("policy_provider", "Who runs the policy host.") { $0.policyProvider },
        SelectionColumn("result", "What becomes of mail, in words.") { $0.diagnosis.headline },
        SelectionColumn("code", "The code of the first thing found.") { $0.first?.code },
        SelectionColumn("found", "What was found first, with the evidence.") { $0.first?.found },
        SelectionColumn("consequence", "What follows from that for mail.") {
            $0.first?.consequence
        },
        SelectionColumn("where", "Where it is mended.") { $0.first?.place?.label },
        SelectionColumn("fix", "What to change.") { $0.first.map { steps($0.steps) } },
        SelectionColumn("meanwhile", "What helps until it is mended.") { $0.diagnosis.meanwhile },
        SelectionColumn("codes", "The codes of all that was found.") { domain in
            domain.diagnosis.items.map(\.code).joined(separator: " ")
        },
        SelectionColumn("verdict_before", "The verdict of the earlier scan.") {
            $0.earlier?.verdict.rawValue
        },
        SelectionColumn("reason_before", "The reason of that verdict.") {
            $0.earlier?.reason.rawValue
        },
        SelectionColumn("scanned_at", "When the domain was scanned.") {
            Timestamp(epochSeconds: $0.scannedAt).text
        },
        SelectionColumn("folder", "The folder of the scan.") { $0.folder },
    ]

    /// The column of a name; nil for a name that no column has.
    public static func named(_ name: String) -> SelectionColumn? {
        if let known = all.first(where: { $0.name == name }) { return known }
        guard name.hasPrefix("list."), name.utf8.count > 5 else { return nil }
        let column = String(name.dropFirst(5))
        return SelectionColumn(name, "The column '\(column)' of the list.") { domain in
            guard let list = domain.entry.columns,
                let place = list.names.firstIndex(of: column)
            else { return nil }
            return list.values[place]
        }
    }

    /// Steps in one text; numbered where there are several.
    static func steps(_ steps: [String]) -> String {
        guard steps.count > 1 else { return steps.first ?? "" }
        return steps.enumerated().map { "\($0 + 1). \($1)" }.joined(separator: " ")
    }
}

extension SelectedDomain {
    /// What decides, or weighs most.
    fileprivate var first: Diagnosis.Item? { diagnosis.items.first }
}
