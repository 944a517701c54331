import Glibc

/// A line on standard error that says how far a run is: rewritten on a terminal, elsewhere a plain
/// line every few seconds.
public struct StatusLine: Sendable {
    private static let plainMilliseconds = 5000
    private static let separator = " | "
    /// What a terminal has whose width is not known.
    private static let usualColumns = 80
    private let isTerminal: Bool
    private let isQuiet: Bool
    private var shownAt: Int

    /// A line that was shown last at `milliseconds`, or never is where `isQuiet`.
    public init(isQuiet: Bool, at milliseconds: Int) {
        self.isQuiet = isQuiet
        isTerminal = isatty(STDERR_FILENO) == 1
        shownAt = milliseconds
    }

    /// Whether it is to be shown again at `milliseconds`.
    public func isDue(at milliseconds: Int) -> Bool {
        !isQuiet && (isTerminal || milliseconds - shownAt >= Self.plainMilliseconds)
    }

    /// Shows the parts, the most important first; on a terminal those that fit into its width.
    public mutating func show(_ parts: [String], at milliseconds: Int) {
        shownAt = milliseconds
        guard isTerminal else {
            return Message.write(parts.joined(separator: Self.separator) + "\n")
        }
        // A cursor behind the last column wraps the line.
        Message.write("\r\u{1B}[K\(Self.joined(parts, columns: Self.columns() - 1))")
    }

    /// Removes the line from a terminal.
    public func remove() {
        if isTerminal && !isQuiet { Message.write("\r\u{1B}[K") }
    }

    /// The first parts, as many as fit into so many columns, but always one.
    static func joined(_ parts: [String], columns: Int) -> String {
        var line = ""
        for part in parts {
            let longer = line.isEmpty ? part : line + separator + part
            guard line.isEmpty || longer.count <= columns else { break }
            line = longer
        }
        return line
    }

    private static func columns() -> Int {
        var size = winsize()
        let result = unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size)
        return result == 0 && size.ws_col > 0 ? Int(size.ws_col) : usualColumns
    }
}
