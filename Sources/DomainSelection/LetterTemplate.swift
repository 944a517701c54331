internal import Explanations

/// A text with placeholders such as `{domain}`, filled in for each domain of a selection.
public struct LetterTemplate: Sendable {
    /// What is wrong with a template.
    public struct Problem: Error, Hashable, Sendable {
        /// The line, from 1.
        public let line: Int
        /// What is wrong, and what would be right.
        public let text: String
    }

    /// The placeholder of all that was found: paragraphs, with the steps as a list.
    private static let items = "items"

    private enum Part: Sendable {
        case text(String)
        case column(SelectionColumn)
        case items
    }

    private var parts: [Part] = []

    /// Reads a template; each placeholder must have a name that domains have a text for.
    public init(_ text: String) throws(Problem) {
        var rest = text[...]
        while let open = rest.firstIndex(of: "{") {
            parts.append(.text(String(rest[..<open])))
            let line = text[..<open].count { $0.isNewline } + 1
            guard let close = rest[open...].firstIndex(of: "}") else {
                throw Problem(line: line, text: "'{' without '}'")
            }
            let name = String(rest[rest.index(after: open)..<close])
            parts.append(try Self.part(name, line))
            rest = rest[rest.index(after: close)...]
        }
        parts.append(.text(String(rest)))
    }

    private static func part(_ name: String, _ line: Int) throws(Problem) -> Part {
        if name == items { return .items }
        guard let column = SelectionColumn.named(name) else {
            let names = [items] + SelectionColumn.all.map(\.name) + ["list.NAME"]
            throw Problem(
                line: line,
                text: "there is no '{\(name)}'; there are " + names.joined(separator: ", "))
        }
        return .column(column)
    }

    /// The text for a domain.
    public func text(for domain: SelectedDomain) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .column(let column): column.text(domain)
            case .items: Self.text(of: domain.diagnosis)
            }
        }.joined()
    }

    /// What was found that is to be mended, or else all of it.
    private static func text(of diagnosis: Diagnosis) -> String {
        let weighty = diagnosis.items.filter { $0.place != nil }
        let items = weighty.isEmpty ? diagnosis.items : weighty
        return items.enumerated().map { place, item in
            let lead = items.count > 1 ? "\(place + 1). " : ""
            var lines = [lead + [item.found, item.others, item.consequence].sentences]
            lines += item.steps.map { "   - " + $0 }
            return lines.joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

extension [String?] {
    /// Those that are there, in one paragraph.
    fileprivate var sentences: String { compactMap(\.self).joined(separator: " ") }
}
