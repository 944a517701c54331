internal import Judgement
internal import MTASTS
internal import Records

/// A text about a domain that has changed: a column of tables.
public struct ChangeColumn: Sendable {
    /// The name, such as `verdict`, `verdict_before` or, of a column of the list, `list.sector`.
    public let name: String
    /// The text; empty where there is none.
    public let text: @Sendable (ChangeRecord) -> String

    private init(_ name: String, _ text: @escaping @Sendable (ChangeRecord) -> String?) {
        self.name = name
        self.text = { text($0) ?? "" }
    }

    /// What each of the two scans says, by the name of its column.
    private static let ofState: [(String, @Sendable (DomainState, String) -> String?)] = [
        ("result", { $0.result(for: $1) }), ("cause", { $0.cause(for: $1) }),
        ("verdict", { state, _ in state.verdict.rawValue }),
        ("verdict_reason", { state, _ in state.reason?.rawValue }),
        ("first_failure", { state, _ in state.failure?.text }),
        ("record", { state, _ in state.record.rawValue }),
        ("policy", { state, _ in state.policy.rawValue }),
        ("mode", { state, _ in state.terms?.mode.rawValue }),
        ("tlsrpt", { state, _ in state.tlsrpt.rawValue }),
        ("dane_status", { state, _ in state.dane?.rawValue }),
        ("certificate", { state, _ in state.certificate?.rawValue }),
        ("mx_providers", { state, _ in state.mxProviders }),
        ("policy_provider", { state, _ in state.policyProvider }),
        ("scanned_at", { state, _ in Timestamp(epochSeconds: state.scannedAt).text }),
    ]

    /// The columns that every comparison has: what the later scan says beside what the earlier did.
    public static let all =
        [
            ChangeColumn("domain") { $0.domain },
            ChangeColumn("changes") { $0.changes.map(\.rawValue).joined(separator: " ") },
        ]
        + ofState.flatMap { name, text in
            [
                ChangeColumn(name + "_before") { record in
                    record.old.flatMap { text($0, record.domain) }
                },
                ChangeColumn(name) { record in record.new.flatMap { text($0, record.domain) } },
            ]
        }

    /// The column of a name; nil for a name that no column has.
    public static func named(_ name: String) -> ChangeColumn? {
        if let known = all.first(where: { $0.name == name }) { return known }
        guard name.hasPrefix("list."), name.utf8.count > 5 else { return nil }
        let column = String(name.dropFirst(5))
        return ChangeColumn(name) { record in
            guard let list = record.columns, let place = list.names.firstIndex(of: column) else {
                return nil
            }
            return list.values[place]
        }
    }
}
