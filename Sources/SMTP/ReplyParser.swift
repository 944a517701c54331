/// Makes replies out of the bytes of a connection, however they are cut.
///
/// More lenient than RFC 5321 §4.2, because such servers exist and senders, Postfix among them,
/// take what they say: any octet may be in a text, lines may be longer than is kept of them and end
/// with no carriage return or with several, codes may differ within a reply. How a reply differs is
/// noted with it. A line without a code is no reply to senders either. It is limited all the same,
/// because endless replies exist too.
public struct ReplyParser: Sendable {
    /// The most octets of a line that are kept; what follows up to its end is read, and forgotten.
    public static let lineOctetsMax = 2048
    /// The most lines of a reply that are read.
    public static let linesMax = 1000
    /// The most octets of a reply that are read.
    public static let replyOctetsMax = 65_536

    /// The result of the bytes so far.
    public enum Event: Hashable, Sendable {
        case incomplete
        case reply(Reply)
        /// Bytes that are no SMTP reply, or beyond the limits; nothing more can be read.
        case malformed
    }

    /// The bytes that belong to no whole line yet, or to what follows the last reply.
    public private(set) var buffer: [UInt8] = []
    /// What is kept of a line that is longer, and whose end has not come.
    private var longLine: [UInt8] = []
    /// Whether octets of that line were forgotten.
    private var isLong = false
    /// The reply that is being read.
    private var partial = Partial()
    private var isMalformed = false

    /// The lines of a reply of which the last is still to come.
    private struct Partial {
        var code: Int?
        var lines: [[UInt8]] = []
        var bytes: [UInt8] = []
        var deviations: Set<ReplyDeviation> = []
        /// How many octets of lines were read, kept or not.
        var octets = 0
    }

    /// A parser that has seen nothing.
    public init() {}

    /// All bytes that are kept of the reply that is being read.
    public var unfinished: [UInt8] {
        let rest = longLine + buffer
        return partial.bytes + (partial.lines.isEmpty || rest.isEmpty ? [] : [0x0A]) + rest
    }

    /// Takes bytes from the peer.
    public mutating func append(_ bytes: some Collection<UInt8>) { buffer += bytes }

    /// Forgets all bytes that were not read, as before a TLS handshake (RFC 3207 §4.2).
    public mutating func discard() {
        buffer = []
        longLine = []
        isLong = false
        partial = Partial()
    }

    /// The next reply in the bytes taken.
    public mutating func next() -> Event {
        while !isMalformed, let end = buffer.firstIndex(of: 0x0A) {
            let isLast = take(longLine + buffer[..<end], octets: end + 1)
            // What makes the reply malformed is kept, to be reported.
            guard !isMalformed else { break }
            buffer.removeFirst(end + 1)
            longLine = []
            isLong = false
            if isLast, let reply = finishedReply() { return .reply(reply) }
        }
        if !isMalformed { shortenBuffer() }
        return isMalformed ? .malformed : .incomplete
    }

    private mutating func finishedReply() -> Reply? {
        guard let code = partial.code else { return nil }
        defer { partial = Partial() }
        return Reply(
            code: code, lines: partial.lines, bytes: partial.bytes, deviations: partial.deviations)
    }

    /// Forgets what is not kept of a line whose end has not come, and gives up where no reply can
    /// come of it.
    private mutating func shortenBuffer() {
        guard couldBeReply(longLine + buffer), partial.octets + buffer.count < Self.replyOctetsMax
        else {
            isMalformed = true
            return
        }
        guard longLine.count + buffer.count > Self.lineOctetsMax else { return }
        isLong = true
        partial.octets += buffer.count
        longLine += buffer.prefix(Self.lineOctetsMax - longLine.count)
        buffer = []
    }

    /// RFC 5321 §4.2: `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code
    /// [ SP textstring ] CRLF`; whether the line was the last.
    private mutating func take(_ whole: [UInt8], octets: Int) -> Bool {
        let line = kept(of: whole)
        guard let code = replyCode(of: line), partial.lines.count < Self.linesMax,
            partial.octets + octets <= Self.replyOctetsMax
        else {
            isMalformed = true
            return false
        }
        keep(line, octets)
        if let former = partial.code, former != code { note(.mixedCodes) }
        // RFC 5321 §4.2.1 lets a client rely on the code of any line; senders take the last.
        partial.code = code
        return line.dropFirst(3).first != UInt8(ascii: "-")
    }

    /// A line as far as it is kept, without its carriage return, or several.
    private func kept(of whole: [UInt8]) -> ArraySlice<UInt8> {
        guard !isLong, whole.count <= Self.lineOctetsMax else {
            return whole.prefix(Self.lineOctetsMax)
        }
        return whole[..<((whole.lastIndex { $0 != 0x0D } ?? -1) + 1)]
    }

    private mutating func keep(_ line: ArraySlice<UInt8>, _ octets: Int) {
        // The end of a longer line is not looked at.
        if line.count < Self.lineOctetsMax {
            if octets == line.count + 1 { note(.bareLineFeed) }
            if octets > line.count + 2 { note(.controlOctet) }
        }
        // RFC 5321 §4.5.3.1.5: 512 octets with code and CRLF.
        if line.count > 510 { note(.longLine) }
        if line.contains(where: \.isControl) { note(.controlOctet) }
        if !partial.lines.isEmpty { partial.bytes.append(0x0A) }
        partial.bytes += line
        partial.lines.append(Array(line.dropFirst(4)))
        partial.octets += octets
    }

    private mutating func note(_ deviation: ReplyDeviation) { partial.deviations.insert(deviation) }
}

/// The code of a whole line; nil where it has none.
private func replyCode(of line: ArraySlice<UInt8>) -> Int? {
    let digits = line.prefix(3)
    let mark = line.dropFirst(3).first ?? UInt8(ascii: " ")
    guard digits.count == 3, couldBeReply(Array(digits)),
        mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-")
    else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 & 15) }
}

/// Whether the bytes can begin a reply: RFC 5321 §4.2, codes from 200 to 599.
private func couldBeReply(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return true }
    guard (UInt8(ascii: "2")...UInt8(ascii: "5")).contains(first) else { return false }
    return bytes.prefix(3).allSatisfy(\.isDigit)
}
