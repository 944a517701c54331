/// The manual's page of options, in Markdown.
public enum OptionPage {
    /// A table for each section of the help.
    public static var text: String {
        OptionSection.allCases.map(table).joined(separator: "\n\n")
    }

    private static func table(of section: OptionSection) -> String {
        let head = ["option", "takes", "default", "what it does", "with `--resume`", "commands"]
        let rows = section.options.map(cells)
        return
            (["## \(section.title)", "", line(head), line(head.map { _ in "---" })]
            + rows.map { line($0) }).joined(separator: "\n")
    }

    private static func cells(of option: ScanOption) -> [String] {
        let names = [option.letter.map { "-\($0)" }, option.flag].compactMap(\.self)
        let value = option.placeholder.map { " <\($0)>" } ?? ""
        return [
            "`\(names.joined(separator: ", "))\(value)`", option.allowed ?? "",
            option.defaultText(in: ScanOptions()) ?? "", option.help, option.resume.meaning,
            OptionCommand.allCases.filter(option.commands.contains).map(\.rawValue)
                .joined(separator: ", "),
        ]
    }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ") + " |"
    }
}
