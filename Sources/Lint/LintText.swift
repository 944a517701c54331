internal import Findings
internal import MTASTS

extension LintReport {
    /// The report for people: the result, then each finding with its rule and, under
    /// the line that it is about, a caret.
    ///
    /// Only visible ASCII and the signs of the report itself are in it.
    public var text: String {
        let found = mistakes.flatMap(lines) + findings.flatMap(lines)
        return ([headline] + found).joined(separator: "\n")
    }

    private var headline: String {
        switch content {
        case .record(let id): "valid: id \(id)"
        case .reports(let rua): "valid: reports go to \(listed(rua))"
        case .policy(let policy):
            "valid: mode \(policy.mode.rawValue), max_age \(policy.maxAge), "
                + (policy.mx.isEmpty ? "no mx" : "mx \(listed(policy.mx.map(\.description)))")
        case .allowed(let match, let pattern): "allowed: \(match.rawValue) match of \(pattern)"
        case .invalid(let nearMiss?): "not allowed: \(status) (nearest pattern: \(nearMiss))"
        case .invalid(nil): "not valid: \(status)"
        }
    }

    private func lines(_ found: LintFinding) -> [String] {
        let finding = found.finding
        // A mistake that is named has a remedy of its own.
        let remedy = mistakes.isEmpty ? found.remedy.map { ["  remedy: \($0)"] } ?? [] : []
        return ["", "\(found.severity): \(finding.message)"] + remedy
            + lines(
                finding.code, at: finding.offset, of: found.argument, ", \(finding.section)")
    }

    private func lines(_ found: FoundMistake) -> [String] {
        ["", "mistake: \(found.message)", "  remedy: \(found.remedy)"]
            + lines(found.mistake.rawValue, at: found.offset, of: found.argument, "")
    }

    /// The code, where it is found, and the line with a caret.
    private func lines(
        _ code: String, at offset: Int, of argument: Int?, _ rule: String
    ) -> [String] {
        let excerpt = Excerpt(of: texts[argument ?? 0], around: offset)
        let line = excerpt.lineCount > 1 ? "line \(excerpt.lineNumber), " : ""
        return [
            "  \(code) at \(line)offset \(offset)\(rule)",
            "    \(excerpt.line)",
            "    \(excerpt.caretLine)",
        ]
    }
}

/// The most entries of a list that are named.
private let listedMax = 8

private func listed(_ texts: [String]) -> String {
    let more = texts.count > listedMax ? [" and \(texts.count - listedMax) more"] : []
    return (texts.prefix(listedMax).joined(separator: ", ")) + more.joined()
}
