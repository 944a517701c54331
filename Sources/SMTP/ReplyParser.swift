/// Makes replies out of the bytes of a connection, however they are cut.
///
/// More lenient than RFC 5321 §4.5.3.1.5 on length, and on a bare LF, because such servers exist;
/// but limited, because endless replies exist too.
public struct ReplyParser: Sendable {
    /// The most octets of a line that are read.
    public static let lineOctetsMax = 2048
    /// The most lines of a reply that are read.
    public static let linesMax = 100
    /// The most octets of a reply that are read.
    public static let replyOctetsMax = 16384

    /// The result of the bytes so far.
    public enum Event: Hashable, Sendable {
        case incomplete
        case reply(Reply)
        /// Bytes that are no SMTP reply, or beyond the limits; nothing more can be read.
        case malformed
    }

    /// The bytes that belong to no whole line yet, or to what follows the last reply.
    public private(set) var buffer: [UInt8] = []
    private var partial: Reply?
    private var isMalformed = false

    /// A parser that has seen nothing.
    public init() {}

    /// All bytes of the reply that is being read.
    public var unfinished: [UInt8] { (partial.map { $0.bytes + [0x0A] } ?? []) + buffer }

    /// Takes bytes from the peer.
    public mutating func append(_ bytes: some Collection<UInt8>) { buffer += bytes }

    /// Forgets all bytes that were not read, as before a TLS handshake (RFC 3207 §4.2).
    public mutating func discard() {
        buffer = []
        partial = nil
    }

    /// The next reply in the bytes taken.
    public mutating func next() -> Event {
        while !isMalformed, let end = buffer.firstIndex(of: 0x0A) {
            guard end <= Self.lineOctetsMax else { break }
            var line = buffer[..<end]
            if line.last == 0x0D { line = line.dropLast() }
            let isLast = take(line)
            // What makes the reply malformed is kept, to be reported.
            guard !isMalformed else { break }
            buffer.removeFirst(end + 1)
            if isLast, let reply = partial {
                partial = nil
                return .reply(reply)
            }
        }
        let isHopeless = buffer.count > Self.lineOctetsMax || !couldBeReply(buffer)
        isMalformed = isMalformed || isHopeless
        return isMalformed ? .malformed : .incomplete
    }

    /// RFC 5321 §4.2: `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code
    /// [ SP textstring ] CRLF`; whether the line was the last.
    private mutating func take(_ line: ArraySlice<UInt8>) -> Bool {
        let digits = line.prefix(3)
        let rest = line.dropFirst(3)
        let mark = rest.first ?? UInt8(ascii: " ")
        let code = digits.reduce(0) { $0 * 10 + Int($1 & 15) }
        guard digits.count == 3, couldBeReply(Array(digits)), line.allSatisfy(isText),
            mark == UInt8(ascii: " ") || mark == UInt8(ascii: "-"),
            partial == nil || partial?.code == code
        else {
            isMalformed = true
            return false
        }
        var reply = partial ?? Reply(code: code, lines: [], hasOverlongLine: false, bytes: [])
        if !reply.lines.isEmpty { reply.bytes.append(0x0A) }
        reply.bytes += line
        reply.lines.append(Array(rest.dropFirst()))
        // RFC 5321 §4.5.3.1.5: 512 octets with code and CRLF.
        reply.hasOverlongLine = reply.hasOverlongLine || line.count > 510
        guard reply.lines.count <= Self.linesMax, reply.bytes.count <= Self.replyOctetsMax else {
            isMalformed = true
            return false
        }
        partial = reply
        return mark == UInt8(ascii: " ")
    }
}

/// Whether the bytes can begin a reply: RFC 5321 §4.2, codes from 200 to 599.
private func couldBeReply(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first else { return true }
    guard (UInt8(ascii: "2")...UInt8(ascii: "5")).contains(first) else { return false }
    return bytes.prefix(3).allSatisfy(\.isDigit)
}

/// RFC 5321 §4.2 `textstring`, and in the field UTF-8 and stray CR.
private func isText(_ octet: UInt8) -> Bool {
    octet >= 0x20 && octet != 0x7F || octet == 0x09 || octet == 0x0D
}
