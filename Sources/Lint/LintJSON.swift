internal import Findings
internal import MTASTS
internal import Records

extension LintReport {
    /// The report as one JSON object; UTF-8, whatever octets were judged.
    ///
    /// `findings` is left out of a valid record that has none.
    /// So is `mistakes` where none was found.
    public var json: String {
        jsonObject(of: self, contentFields + mistakesField + findingsField)
    }

    private var mistakesField: [Field<LintReport>] {
        guard !mistakes.isEmpty else { return [] }
        let argument = Field<FoundMistake>("argument", "Which text, from 0.", "lint") {
            $0.argument
        }
        let fields = texts.count > 1 ? mistakeFields + [argument] : mistakeFields
        return [.objects("mistakes", "What is often done wrong.", "lint", fields) { $0.mistakes }]
    }

    private var contentFields: [Field<LintReport>] {
        let status = Field<LintReport>("status", "ok, or what decided.", "lint") { $0.status }
        switch content {
        case .record(let id):
            return [status, Field("id", "The id.", "RFC 8461 §3.1") { _ in id }]
        case .reports(let rua):
            return [status, Field("rua", "Where reports go.", "RFC 8460 §3") { _ in rua }]
        case .policy(let policy):
            return [
                status,
                .object("policy", "The policy.", "RFC 8461 §3.2", lintPolicyFields) { _ in
                    policy
                },
            ]
        case .allowed(let match, let pattern):
            return [
                status, Field("match", "How.", "RFC 8461 §4.1") { _ in match.rawValue },
                Field("pattern", "By which.", "RFC 8461 §4.1") { _ in pattern },
            ]
        case .invalid(let nearMiss?):
            return [status, Field("near_miss", "What is alike.", "lint") { _ in nearMiss }]
        case .invalid(nil):
            return [status]
        }
    }

    private var findingsField: [Field<LintReport>] {
        switch content {
        case .record where findings.isEmpty, .reports where findings.isEmpty, .allowed: return []
        default: break
        }
        let fields = findings.contains { $0.argument != nil } ? [argumentField] : []
        return [
            .objects("findings", "What was found.", "lint", lintFindingFields + fields) {
                $0.findings
            }
        ]
    }
}

private let lintPolicyFields: [Field<Policy>] = [
    Field("version", "The version.", "RFC 8461 §3.2") { $0.version },
    Field("mode", "The mode.", "RFC 8461 §3.2") { $0.mode.rawValue },
    Field("max_age", "The time to keep it, in seconds.", "RFC 8461 §3.2") { $0.maxAge },
    Field("mx", "The patterns.", "RFC 8461 §3.2") { $0.mx.map(\.description) },
]

private let lintFindingFields: [Field<LintFinding>] = [
    Field("code", "The stable name.", "lint") { $0.finding.code },
    Field("severity", "error, or note.", "lint") { $0.severity },
    Field("section", "The rule.", "lint") { $0.finding.section },
    Field("offset", "The octet, from 0.", "lint") { $0.finding.offset },
    Field("message", "The rule in words.", "lint") { $0.finding.message },
    Field("remedy", "What to do; null where nothing.", "lint") { $0.remedy },
]

private let argumentField = Field<LintFinding>("argument", "Which text, from 0.", "lint") {
    $0.argument
}
