/// Octets as text in the escapes of RFC 1035 §5.1.
///
/// Visible ASCII and space are kept, `\` and `"` follow a `\`, every other octet is `\DDD`: nothing
/// is lost, whatever a peer sends.
struct EscapedOctets: FieldValue {
    /// The octets.
    let octets: [UInt8]
    /// How many octets of a line are written; `…` marks the cut.
    let limit: Int
    /// Whether line feeds separate lines, each with its own limit, at most `linesMax` of them.
    let hasLines: Bool

    /// How many octets of a TXT string are kept.
    static let textLimit = 4096
    /// How many octets of a line of an SMTP reply are kept: RFC 5321 §4.5.3.1.5.
    static let replyLineLimit = 512
    /// How many lines of an SMTP reply are kept.
    static let linesMax = 64

    /// A character-string of a TXT record.
    init(string octets: [UInt8]) {
        self.octets = octets
        limit = Self.textLimit
        hasLines = false
    }

    /// An SMTP reply, its lines separated by line feeds.
    init(reply octets: [UInt8]) {
        self.octets = octets
        limit = Self.replyLineLimit
        hasLines = true
    }

    /// A string.
    static var fieldType: FieldType { .string }

    /// Appends the escaped text as a JSON string.
    func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        if hasLines { appendLines(to: &line) } else { appendLine(octets[...], to: &line) }
        line.append(UInt8(ascii: "\""))
    }

    private func appendLines(to line: inout LineBuffer) {
        var count = 0
        for part in octets.split(
            separator: 0x0A, maxSplits: Self.linesMax, omittingEmptySubsequences: false)
        {
            if count > 0 { line.append("\\n") }
            guard count < Self.linesMax else { return line.appendEllipsis() }
            appendLine(part, to: &line)
            count += 1
        }
    }

    private func appendLine(_ part: ArraySlice<UInt8>, to line: inout LineBuffer) {
        if part.count <= limit, part.span.needsNoEscape { return line.append(part.span) }
        for octet in part.prefix(limit) { line.appendEscaped(octet) }
        if part.count > limit { line.appendEllipsis() }
    }
}

extension EscapedOctets {
    /// The lines of an EHLO reply, with one `…` for those above the limit.
    static func lines(_ lines: [[UInt8]]) -> [EscapedOctets] {
        let kept = lines.prefix(linesMax).map { EscapedOctets(reply: $0) }
        return lines.count > linesMax ? kept + [EscapedOctets(cutMark: ())] : kept
    }

    /// The mark that lines are missing: no octet, and a limit that it exceeds.
    private init(cutMark: Void) {
        octets = [0x20]
        limit = 0
        hasLines = false
    }
}

extension LineBuffer {
    /// Appends `…`, the mark of a cut: it is not ASCII, so that no escaped text holds it.
    mutating func appendEllipsis() { append("…") }

    /// Appends one octet in the escapes of RFC 1035 §5.1, within a JSON string.
    fileprivate mutating func appendEscaped(_ octet: UInt8) {
        switch octet {
        case UInt8(ascii: "\""):
            append("\\\\\\\"")
        case UInt8(ascii: "\\"):
            append("\\\\\\\\")
        case 0x20..<0x7F:
            append(octet)
        default:
            append("\\\\")
            appendDigits(UInt64(octet), width: 3)
        }
    }
}
