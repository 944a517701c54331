internal import Records

/// The tables for the script, which searches and sorts them and makes CSV of them.
extension Report {
    /// All tables, and the domains that are named, as JSON within a script element.
    func data(_ domains: FaultSection?) -> String {
        let document = JSONDocument.object([
            ("tables", .array(statistics.tables.map(\.dataDocument))),
            ("domains", domains?.document ?? .null),
        ])
        // What ends a script element, or begins a comment in one, occurs only in strings.
        return document.line.split(separator: "<", omittingEmptySubsequences: false)
            .joined(separator: "\\u003c")
    }
}

extension StatsTable {
    /// Names, rows and, where labels are codes, their words.
    fileprivate var dataDocument: JSONDocument {
        let words = allRows.map { row -> String? in
            let terms = GlossaryTerm.all(of: name, row.labels)
            let words = terms.map(\.label).joined(separator: " — ")
            return row.labels.contains(words) ? nil : words
        }
        let hasWords = words.contains { $0 != nil }
        return .object([
            ("name", .string(name)), ("title", .string(title)), ("note", .string(note)),
            ("labels", .integer(labels.count)),
            ("heads", .array((labels + columns).map { .string($0) })),
            (
                "rows",
                .array(
                    allRows.map { row in
                        .array(row.labels.map { .string($0) } + row.counts.map { .integer($0) })
                    })
            ),
            (
                "words",
                hasWords ? .array(words.map { $0.map { .string($0) } ?? .null }) : .null
            ),
        ])
    }
}
