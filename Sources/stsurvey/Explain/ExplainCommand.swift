public import ArgumentParser
public import Console
import Explanations
import Lint
import Records

struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Say in plain words what a code means, and what to do about it.",
        discussion: """
            A code is that of a finding, a failure, a verdict or its reason, a result in a TLS \
            report, or a mistake that lint names: with its layer, as in mx_match.typo, or alone. \
            Without one, all are listed. In the texts, words in capitals stand for what a check \
            fills in.

            Examples:
              stsurvey explain policy_fetch.http_3xx
              stsurvey explain refused
              stsurvey explain dane.failed --json
            """)

    @Argument(help: "The codes.")
    var codes: [String] = []

    @Flag(help: "Print one JSON object for each code.")
    var json = false

    @Option(help: "Colour the text: auto is on a terminal alone.")
    var color = ColorChoice.auto

    func run() throws {
        let known = Catalogue.all + LintMistakes.codes
        let found = try codes.map { try Self.find($0, among: known) }
        if json {
            let chosen = codes.isEmpty ? known : found.flatMap(\.self)
            return try StandardOutput.write(chosen.map { $0.json + "\n" }.joined())
        }
        var page = ExplainPage(PageStyle.ofStandardOutput(color))
        if codes.isEmpty { known.forEach { page.list($0) } }
        found.flatMap(\.self).forEach { page.explain($0) }
        try StandardOutput.write(page.text)
    }

    /// The codes that a text names.
    private static func find(
        _ text: String, among known: [ExplainedCode]
    ) throws(CommandFailure) -> [ExplainedCode] {
        let name = text.lowercased()
        let found = known.filter { $0.code == name || $0.value == name }
        guard found.isEmpty else { return found }
        let below = known.map(\.code).filter {
            $0.hasPrefix(name.hasSuffix(".") ? name : name + ".")
        }
        guard below.isEmpty else {
            throw CommandFailure(
                .usage, "\(text) has several codes: \(below.joined(separator: ", "))")
        }
        let close = closestNames(to: name, among: known.flatMap { [$0.code, String($0.value)] })
        let advice =
            close.isEmpty
            ? "'stsurvey explain' lists all" : "did you mean \(close.joined(separator: ", "))?"
        throw CommandFailure(.usage, "unknown code \(text): \(advice)")
    }
}

extension ColorChoice: ExpressibleByArgument {}

/// What codes mean, laid out for people.
private struct ExplainPage {
    private var page: Page

    init(_ style: PageStyle) { page = Page(style) }

    var text: String { page.text }

    /// A line or two of a code.
    mutating func list(_ code: ExplainedCode) {
        page.add(code.explanation.found.general, titled: code.code, indent: 0, column: 34)
    }

    /// All of a code.
    mutating func explain(_ code: ExplainedCode) {
        page.addGap()
        page.add(code.code, .strong)
        page.add(code.explanation.found.general, indent: 2)
        for consequence in code.explanation.consequences {
            page.addGap()
            let circumstance = consequence.obligation.map { "\($0.label): " } ?? ""
            page.add(circumstance + consequence.text.general, indent: 2)
        }
        page.addGap()
        if let place = code.explanation.place { page.add("Where: \(place.label)", indent: 2) }
        page.add(steps: code.explanation.steps.map(\.general), indent: 2)
        page.add("Rule: \(code.meaning)", indent: 2, .faint)
    }
}

extension Page {
    /// Adds what to change: one step, or several with numbers.
    mutating func add(steps: [String], indent: Int) {
        guard steps.count > 1 else {
            return steps.forEach { add($0, indent: indent, lead: "Fix: ") }
        }
        add("Fix:", indent: indent)
        for (number, step) in steps.enumerated() {
            add(step, indent: indent, lead: "  \(number + 1). ")
        }
    }
}
