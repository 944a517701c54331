import Glibc

/// Whether text is coloured.
public enum ColorChoice: String, CaseIterable, Sendable {
    case auto, always, never
}

/// How text is laid out for who reads it: columns, colours, and the signs that can be shown.
public struct PageStyle: Sendable {
    /// The columns of a line.
    public var columns: Int
    /// Whether colours and weights are used.
    public var isColored: Bool
    /// Whether signs other than ASCII are replaced.
    public var isASCII: Bool

    /// Lines of more columns are hard to read.
    private static let columnsMax = 100
    private static let columnsMin = 20
    /// What is taken where no terminal says otherwise.
    private static let usualColumns = 80

    /// A style of these parts.
    public init(columns: Int, isColored: Bool, isASCII: Bool) {
        self.columns = min(max(columns, Self.columnsMin), Self.columnsMax)
        self.isColored = isColored
        self.isASCII = isASCII
    }

    /// The style for standard output: the terminal's width, colour as chosen, and the locale.
    ///
    /// `auto` colours on a terminal alone, and not where NO_COLOR is set (no-color.org) or TERM is
    /// `dumb`.
    public static func ofStandardOutput(_ color: ColorChoice) -> PageStyle {
        let isColored =
            switch color {
            case .always: true
            case .never: false
            case .auto:
                isTerminal && (environment("NO_COLOR") ?? "").isEmpty
                    && environment("TERM") != "dumb"
            }
        return PageStyle(
            columns: outputColumns ?? usualColumns, isColored: isColored, isASCII: !isUTF8)
    }

    /// The width of the terminal that standard output is, or else that COLUMNS gives; nil where
    /// neither says one, as for a file.
    public static var outputColumns: Int? { isTerminal ? terminalColumns : givenColumns }

    private static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

    /// A text as standard output can show it: without other signs than ASCII where the locale has
    /// none.
    public static func ofLocale(_ text: String) -> String { isUTF8 ? text : ascii(text) }

    /// A text of as many characters, in ASCII.
    static func ascii(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.isASCII ? $0 : substitutes[$0] ?? "?" }))
    }

    private static let substitutes: [Unicode.Scalar: Unicode.Scalar] = [
        "–": "-", "…": "~", "→": ">",
    ]

    private static var terminalColumns: Int? {
        var size = winsize()
        let result = unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : givenColumns
    }

    /// The width that COLUMNS gives (POSIX, Environment Variables).
    private static var givenColumns: Int? {
        environment("COLUMNS").flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Whether the locale's charset is UTF-8: the first variable that is set decides (POSIX).
    private static var isUTF8: Bool {
        let locale =
            ["LC_ALL", "LC_CTYPE", "LANG"].lazy.compactMap { environment($0) }
            .first { !$0.isEmpty } ?? ""
        let name = locale.lowercased()
        return name.contains("utf-8") || name.contains("utf8")
    }

    private static func environment(_ name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}

/// A text for people, laid out line by line.
public struct Page {
    private let style: PageStyle
    private var lines: [String] = []

    /// How a text stands out.
    public enum Emphasis: String, Sendable {
        case good = "\u{1B}[1;32m"
        case bad = "\u{1B}[1;31m"
        case doubtful = "\u{1B}[1;33m"
        case strong = "\u{1B}[1m"
        case faint = "\u{1B}[2m"
    }

    /// An empty page.
    public init(_ style: PageStyle) { self.style = style }

    /// The page as text.
    public var text: String { lines.joined(separator: "\n") + "\n" }

    /// Adds an empty line, unless there is one or nothing above it.
    public mutating func addGap() {
        if let last = lines.last, !last.isEmpty { lines.append("") }
    }

    /// Adds a paragraph, broken between words; a word longer than a line is broken where it must.
    ///
    /// The first line begins after `lead`, the others below what follows it. Characters that would
    /// steer a terminal are replaced.
    public mutating func add(
        _ text: String, indent: Int = 0, lead: String = "", _ emphasis: Emphasis? = nil
    ) {
        let margin = String(repeating: " ", count: indent)
        let hang = String(repeating: " ", count: lead.count)
        let width = max(8, style.columns - indent - lead.count)
        for (place, line) in Self.wrapped(shown(text), width).enumerated() {
            lines.append(margin + (place == 0 ? lead : hang) + colored(line, emphasis))
        }
    }

    /// Adds a text beside its title; below it where lines are short.
    public mutating func add(_ text: String, titled title: String, indent: Int, column: Int) {
        guard style.columns >= 60 else {
            if !title.isEmpty { add(title, indent: indent, .strong) }
            return add(text, indent: indent + 2)
        }
        let padding = String(repeating: " ", count: max(1, column - title.count))
        add(text, indent: indent, lead: title + padding)
    }

    private func colored(_ line: String, _ emphasis: Emphasis?) -> String {
        guard style.isColored, let emphasis, !line.isEmpty else { return line }
        return emphasis.rawValue + line + "\u{1B}[0m"
    }

    private func shown(_ text: String) -> String {
        let visible = Message.visible(text)
        return style.isASCII ? PageStyle.ascii(visible) : visible
    }

    static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for var word in words(text, width) {
            if !line.isEmpty, line.count + 1 + word.count <= width {
                line += " " + word
                continue
            }
            if !line.isEmpty { lines.append(line) }
            while word.count > width {
                lines.append(String(word.prefix(width)))
                word = word.dropFirst(width)
            }
            line = String(word)
        }
        return line.isEmpty && !lines.isEmpty ? lines : lines + [line]
    }

    /// The words of a text; what stands in quotation marks is one where it fits on a line.
    ///
    /// It is there to be copied.
    private static func words(_ text: String, _ width: Int) -> [Substring] {
        var words: [Substring] = []
        var rest = text[...]
        while let space = rest.firstIndex(of: " ") {
            let end = endOfQuotation(rest, before: space, width) ?? space
            words.append(rest[..<end])
            rest = end < rest.endIndex ? rest[rest.index(after: end)...] : ""
            if end == text.endIndex { return words }
        }
        return words + [rest]
    }

    /// Where the word ends that a quotation makes of what begins before a space.
    private static func endOfQuotation(
        _ text: Substring, before space: Substring.Index, _ width: Int
    ) -> Substring.Index? {
        let quote: Character = "\""
        guard text[..<space].count(where: { $0 == quote }) % 2 == 1,
            let close = text[space...].firstIndex(of: quote)
        else { return nil }
        let end = text[close...].firstIndex(of: " ") ?? text.endIndex
        return text[..<end].count <= width ? end : nil
    }
}
