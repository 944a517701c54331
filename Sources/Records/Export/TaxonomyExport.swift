internal import Findings
internal import Judgement
internal import MTASTS
internal import SMTP
internal import TLSRPT

/// A Markdown table of every value that an enumerated key can have, with its rule.
enum TaxonomyExport {
    /// The whole table, of domain and host records.
    static var text: String {
        "| key | value | rule |\n|---|---|---|\n"
            + sections.flatMap { section in
                section.terms.map { "| \(section.title) | `\($0.word)` | \($0.meaning) |\n" }
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
            codes(.tlsrpt, terms(TLSRPTRecordAdvice.self) + terms(ReportingAdvice.self)),
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

extension PolicyAdvice {
    /// Whether it is about the response, whatever the text in it.
    fileprivate var isOfResponse: Bool {
        self == .contentType || self == .charset || self == .contentEncoding
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
