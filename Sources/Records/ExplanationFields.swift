public import Explanations
internal import Findings
internal import Judgement

/// The keys of a diagnosis in JSON.
public let diagnosisFields: [Field<Diagnosis>] = [
    Field("headline", "What becomes of mail.", "stsurvey") { $0.headline },
    Field("need", "nothing, unknown, or mending.", "stsurvey") { $0.need.rawValue },
    Field("meanwhile", "What helps at once while a fault is mended.", "stsurvey") {
        $0.meanwhile
    },
    .objects("items", "What was found, the cause of the result first.", "stsurvey", itemFields) {
        $0.items
    },
]

private let itemFields: [Field<Diagnosis.Item>] = [
    Field("code", "The layer and the code.", "stsurvey") { $0.code },
    Field("severity", "How much it weighs.", "stsurvey") { $0.severity },
    Field("found", "What was found.", "stsurvey") { $0.found },
    Field("others", "Which other hosts or lines it is true of.", "stsurvey") { $0.others },
    Field("consequence", "What follows for mail.", "stsurvey") { $0.consequence },
    Field("where", "Where it is mended.", "stsurvey") { $0.place?.rawValue },
    Field("steps", "What to change, in order.", "stsurvey") { $0.steps },
]

extension ExplainedCode {
    /// The code with its texts as one JSON object; placeholders stand in braces.
    public var json: String { jsonObject(of: self, codeFields) }
}

private let codeFields: [Field<ExplainedCode>] = [
    Field("code", "The vocabulary and the value.", "stsurvey") { $0.code },
    Field("meaning", "The meaning of the value, and its rule.", "stsurvey") { $0.meaning },
    Field("found", "What was found, the wording with most evidence first.", "stsurvey") {
        $0.explanation.found.wordings
    },
    .objects("consequences", "What follows for mail.", "stsurvey", consequenceFields) { code in
        code.explanation.consequences
    },
    Field("where", "Where it is mended.", "stsurvey") { $0.explanation.place?.rawValue },
    .objects("steps", "What to change, in order.", "stsurvey", stepFields) {
        $0.explanation.steps
    },
]

private let consequenceFields: [Field<Consequence>] = [
    Field("under", "What asks senders to authenticate hosts; null for whatever.", "stsurvey") {
        $0.obligation?.rawValue
    },
    Field("wordings", "What follows.", "stsurvey") { $0.text.wordings },
]

private let stepFields: [Field<Template>] = [
    Field("wordings", "The step, the wording with most evidence first.", "stsurvey") {
        $0.wordings
    }
]
