import Console
import Explanations
import Judgement

extension Page {
    /// Adds what is to be said to the owner of a domain: the result, what decides, and what is
    /// worth knowing besides.
    mutating func add(_ diagnosis: Diagnosis, isProtected: Bool) {
        let emphasis: Emphasis =
            switch diagnosis.need {
            case .nothing: isProtected ? .good : .strong
            case .unknown: .doubtful
            case .mending: .bad
            }
        add(diagnosis.headline, emphasis)
        // What decides comes first, whatever its weight where nothing is refused yet.
        let cause = diagnosis.need == .nothing ? 0 : 1
        let rest = diagnosis.items.dropFirst(cause)
        let weighty = diagnosis.items.prefix(cause) + rest.filter { $0.severity == .error }
        for (number, item) in weighty.enumerated() {
            addGap()
            add(item, lead: weighty.count > 1 ? "\(number + 1). " : "")
        }
        if let meanwhile = diagnosis.meanwhile {
            addGap()
            add(meanwhile, indent: 2)
        }
        addMinor(
            rest.filter { $0.severity != .error },
            titled: weighty.isEmpty ? "Worth knowing" : "Also worth knowing")
    }

    private mutating func addMinor(_ items: [Diagnosis.Item], titled title: String) {
        guard !items.isEmpty else { return }
        addGap()
        add(title, .strong)
        for item in items {
            addGap()
            add(item, lead: "- ")
        }
    }

    private mutating func add(_ item: Diagnosis.Item, lead: String) {
        let inner = 2 + lead.count
        add(item.found, indent: 2, lead: lead)
        if let others = item.others { add(others, indent: inner) }
        if let consequence = item.consequence { add(consequence, indent: inner) }
        if let place = item.place { add("Where: \(place.label)", indent: inner) }
        add(steps: item.steps, indent: inner)
        add("Code: \(item.code)", indent: inner, .faint)
    }
}

extension Verdict {
    /// Whether every host that gets mail is authenticated.
    var isProtected: Bool { self == .protectedDANE || self == .protectedSTS }
}
