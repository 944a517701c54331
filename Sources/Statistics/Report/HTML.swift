extension String {
    /// The text for HTML, in elements and in attributes.
    var html: String {
        guard utf8.contains(where: { "<>&\"'".utf8.contains($0) }) else { return self }
        return reduce(into: "") { text, character in
            switch character {
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "&": text += "&amp;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.append(character)
            }
        }
    }

    /// The text for HTML, with `names` set apart.
    var htmlWithCode: String {
        let parts = html.split(separator: "`", omittingEmptySubsequences: false)
        return parts.enumerated().map { place, part in
            place % 2 == 0 ? String(part) : "<code>\(part)</code>"
        }.joined()
    }

    /// A value of a vocabulary as text: spaces for its underscores.
    var spoken: String {
        split(separator: "_", omittingEmptySubsequences: false).joined(separator: " ")
    }
}

extension StatsTable {
    /// The index of a column; the first where none has the name.
    func place(_ column: String) -> Int { columns.firstIndex(of: column) ?? 0 }
}
