/// What a server offers in its reply to EHLO (RFC 5321 §4.1.1.1).
public struct Extensions: Hashable, Sendable {
    /// The lines after the first, each a keyword and perhaps parameters, as sent.
    public var lines: [[UInt8]]
    /// The keywords, in upper case.
    public var keywords: [String]

    /// The extensions of an EHLO reply; its first line names the server and is no extension.
    public init(_ reply: Reply) { self.init(lines: Array(reply.lines.dropFirst())) }

    /// The extensions of these lines.
    public init(lines: [[UInt8]]) {
        self.lines = lines
        keywords = lines.map { line in
            // RFC 5321 §4.1.1.1: ehlo-line = ehlo-keyword *( SP ehlo-param ); old servers have "=".
            let keyword = line.prefix { $0 != 0x20 && $0 != 0x09 && $0 != UInt8(ascii: "=") }
            return String(decoding: keyword.map(\.uppercased), as: UTF8.self)
        }
    }

    /// Whether a keyword is offered, in whatever case.
    public func contains(_ keyword: String) -> Bool { keywords.contains(keyword.uppercased()) }

    /// RFC 3207 §4.
    public var offersSTARTTLS: Bool { contains("STARTTLS") }

    /// RFC 8689 §2.
    public var offersREQUIRETLS: Bool { contains("REQUIRETLS") }

    /// RFC 2920 §3.
    public var offersPIPELINING: Bool { contains("PIPELINING") }

    /// Whether a middlebox wrote X over a keyword that it does not know: `XXXXXXXX`, `XXXXXXXA`.
    public var hasOverwrittenKeyword: Bool {
        keywords.contains {
            let octets = $0.utf8
            return octets.count >= 4 && octets.dropLast().allSatisfy { $0 == UInt8(ascii: "X") }
        }
    }
}
