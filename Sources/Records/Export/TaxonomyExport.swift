internal import Explanations
internal import Findings
internal import Judgement
internal import MTASTS
internal import SMTP
internal import TLSRPT

/// Markdown tables of every value that an enumerated key can have, with its rule, and of what the
/// codes of findings, failures and results mean to the owner of a domain.
enum TaxonomyExport {
    /// Both tables, of domain and host records.
    static var text: String { values + "\n" + explanations }

    private static var values: String {
        "| key | value | rule |\n|---|---|---|\n"
            + sections.flatMap { section in
                section.terms.map { "| \(section.title) | `\($0.word)` | \($0.meaning) |\n" }
            }.joined()
    }

    private static var explanations: String {
        "| code | what was found | where | what to change |\n|---|---|---|---|\n"
            + Catalogue.all.map { code in
                let explanation = code.explanation
                let steps = explanation.steps.map(\.general).joined(separator: " ")
                let place = explanation.place.map(\.label) ?? ""
                return "| `\(code.code)` | \(explanation.found.general) | \(place) | \(steps) |\n"
            }.joined()
    }

    /// The vocabulary that some keys share.
    private struct Section {
        var keys: [String]
        var terms: [Term]

        /// The keys, as far as a table can hold them.
        var title: String {
            let others = keys.count > 3 ? " and \(keys.count - 3) more" : ""
            return keys.prefix(3).joined(separator: ", ") + others
        }
    }

    /// Every vocabulary once, in the order of its first use in the records.
    private static var sections: [Section] {
        let keyed =
            Schema.domain.descriptions.flatMap { enumerations($0, prefix: "") }
            + Schema.host.descriptions.flatMap { enumerations($0, prefix: "host: ") }
        var sections: [Section] = []
        for (key, terms) in keyed {
            if let index = sections.firstIndex(where: { $0.terms == terms }) {
                sections[index].keys.append("`\(key)`")
            } else {
                sections.append(Section(keys: ["`\(key)`"], terms: terms))
            }
        }
        return sections + codes
    }

    private static func enumerations(
        _ field: FieldDescription, prefix: String
    ) -> [(key: String, terms: [Term])] {
        let name = prefix + field.name
        return enumerations(field.type, name: name)
    }

    private static func enumerations(
        _ type: FieldType, name: String
    ) -> [(key: String, terms: [Term])] {
        switch type {
        // Its values are those of other keys, after their layer.
        case .enumeration where name == "first_failure": [(name, FirstFailure.layers)]
        case .enumeration(let terms): [(name, terms)]
        case .array(let element): enumerations(element, name: name + "[]")
        case .object(let fields): fields.flatMap { enumerations($0, prefix: name + ".") }
        default: []
        }
    }

    /// The codes of findings that are no value of another key.
    private static var codes: [Section] {
        [
            codes(.mx, junkTargets + terms(MXAdvice.self)),
            codes(.record, terms(STSRecordAdvice.self)),
            codes(.policyFetch, PolicyAdvice.allCases.filter(\.isOfResponse).map(term)),
            codes(.policy, PolicyAdvice.allCases.filter { !$0.isOfResponse }.map(term)),
            codes(.tlsrpt, terms(TLSRPTRecordAdvice.self)),
            codes(.smtp, terms(SessionAdvice.self) + ReplyDeviation.terms),
            codes(.certificate, terms(CertificateAdvice.self)),
        ]
    }

    private static var junkTargets: [Term] {
        MXTarget.allCases.filter(\.isJunk).map { Term(word: $0.rawValue, meaning: $0.meaning) }
    }

    private static func codes(_ layer: SurveyFinding.Layer, _ terms: [Term]) -> Section {
        Section(keys: ["`findings[].code` (\(layer.rawValue))"], terms: terms)
    }

    private static func terms<Code: FindingCode>(_ type: Code.Type) -> [Term] {
        type.allCases.map(term)
    }

    private static func term(_ code: some FindingCode) -> Term {
        Term(word: code.rawValue, meaning: code.sentence)
    }
}

extension FirstFailure {
    /// The layers in pipeline order, each with its vocabulary.
    static var layers: [Term] {
        var layers: [Term] = []
        for failure in allCases {
            let term = Term(word: failure.layer.rawValue + ".*", meaning: failure.layer.meaning)
            if layers.last != term { layers.append(term) }
        }
        return layers
    }
}
