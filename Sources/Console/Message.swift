import Glibc
public import Logging

/// Writes log lines for people to standard error: `stsurvey: warning: text`.
public struct StandardErrorLog: LogHandler {
    /// What is logged with every line.
    public var metadata: Logger.Metadata = [:]
    /// Lines below this level are not written.
    public var logLevel: Logger.Level

    /// A log of the lines at `level` and above.
    public init(level: Logger.Level) { logLevel = level }

    /// One value of the metadata.
    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes one line.
    public func log(event: LogEvent) {
        let level = event.level <= .notice ? "" : "\(event.level): "
        Message.write("stsurvey: \(level)\(Message.visible("\(event.message)"))\n")
    }
}

/// Text for people, on standard error; a closed one is no reason to stop.
public enum Message {
    /// Writes text as it is.
    public static func write(_ text: String) {
        let bytes = Array(text.utf8)
        _ = unsafe Glibc.write(STDERR_FILENO, bytes, bytes.count)
    }

    /// Writes a line that begins with `stsurvey: error:`.
    public static func error(_ text: String) { write("stsurvey: error: \(visible(text))\n") }

    /// Writes a line that begins with `stsurvey: warning:`.
    public static func warning(_ text: String) { write("stsurvey: warning: \(visible(text))\n") }

    /// The text without characters that would steer a terminal: peers' words can hold any.
    public static func visible(_ text: String) -> String {
        let scalars = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
            default: scalar
            }
        }
        return String(String.UnicodeScalarView(scalars))
    }
}

/// Seconds as `2h05m`, `3m20s` or `12s`.
public func duration(_ seconds: Int) -> String {
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if seconds >= 3600 { return "\(seconds / 3600)h\(two(seconds / 60 % 60))m" }
    return seconds >= 60 ? "\(seconds / 60)m\(two(seconds % 60))s" : "\(seconds)s"
}
