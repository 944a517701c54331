internal import Findings

extension FindingCode {
    /// The code's own words and its rule as one sentence.
    var sentence: String {
        let first = message.prefix { $0 != " " }
        // A field's name stays as it is spelt.
        let nextPermit =
            ["mx", "rua", "max_age"].contains(first)
            ? "`\(first)`" : first.prefix(1).uppercased() + first.dropFirst()
        return nextPermit + message.dropFirst(first.count) + " (\(section))."
    }
}
