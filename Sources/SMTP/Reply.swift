/// A reply of an SMTP server (RFC 5321 §4.2).
public struct Reply: Hashable, Sendable {
    /// The three digits, of the last line where lines differ.
    public var code: Int
    /// The text of each line, without code and line end; lines without a code are left out.
    public var lines: [[UInt8]]
    /// The lines as sent, code included, joined by LF.
    public var bytes: [UInt8]
    /// How the reply differs from the grammar.
    public var deviations: Set<ReplyDeviation>

    /// The reply as it is kept.
    var text: ReplyText { ReplyText(code: code, bytes: bytes) }

    /// 2yz: done (RFC 5321 §4.2.1).
    public var isPositive: Bool { code / 100 == 2 }

    /// 4yz: try again later (RFC 5321 §4.2.1).
    public var isTransientFailure: Bool { code / 100 == 4 }

    /// 5yz: do not try again (RFC 5321 §4.2.1).
    public var isPermanentFailure: Bool { code / 100 == 5 }

    /// The command is not known or not implemented (RFC 5321 §4.2.2, §4.1.4): where it was EHLO,
    /// the server has no extensions (§3.2).
    public var isUnknownCommand: Bool { [500, 501, 502].contains(code) }

    /// The enhanced status code in front of the text, such as `4.7.0` (RFC 2034 §4).
    public var enhancedStatus: String? {
        guard let line = lines.first else { return nil }
        let word = line.prefix { $0 != UInt8(ascii: " ") }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        // RFC 3463 §2: class "." subject "." detail, the class that of the reply.
        guard parts.count == 3, parts.allSatisfy({ (1...3).contains($0.count) }),
            parts.joined().allSatisfy(\.isDigit), parts[0].elementsEqual("\(code / 100)".utf8)
        else { return nil }
        return String(decoding: word, as: UTF8.self)
    }
}

/// What a server said at one step of a conversation, whole or not.
public struct ReplyText: Hashable, Sendable {
    /// The code of the reply; nil where what came is none, or not the whole of one.
    public var code: Int?
    /// The lines as sent, codes included, joined by LF.
    public var bytes: [UInt8]

    /// A reply, or the octets that came in its place.
    public init(code: Int?, bytes: [UInt8]) {
        self.code = code
        self.bytes = bytes
    }
}

/// What a server said at each step; nil where it said nothing.
public struct Replies: Hashable, Sendable {
    /// The greeting (RFC 5321 §3.1).
    public var greeting: ReplyText?
    /// The reply to EHLO before TLS.
    public var ehlo: ReplyText?
    /// The reply to STARTTLS.
    public var starttls: ReplyText?
    /// The reply to EHLO inside TLS.
    public var secureEHLO: ReplyText?

    /// Nothing was said yet.
    public init() {}
}

extension UInt8 {
    /// Whether the octet is a decimal digit.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// Whether the octet is a control character other than HT.
    var isControl: Bool { self < 0x20 && self != 0x09 || self == 0x7F }

    /// The octet with `a` to `z` turned into upper case.
    var uppercased: UInt8 {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") ? self & 0xDF : self
    }
}

/// How a conversation up to TLS ended, as far as SMTP knows.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// TLS was established, and the peer has replied inside it.
    case ok
    case greetingTimeout = "greeting_timeout"
    /// The peer closed the connection without a greeting.
    case greetingClosed = "greeting_closed"
    case greeting4xx = "greeting_4xx"
    case greeting5xx = "greeting_5xx"
    /// Bytes that are no SMTP reply, a reply that does not belong there, or too much of it.
    case notSMTP = "not_smtp"
    case ehlo4xx = "ehlo_4xx"
    /// EHLO is known to the server and refused to this client.
    case ehlo5xx = "ehlo_5xx"
    case ehloTimeout = "ehlo_timeout"
    case ehloClosed = "ehlo_closed"
    /// No STARTTLS among the extensions, or none at all.
    case starttlsNotOffered = "starttls_not_offered"
    /// STARTTLS is missing and a keyword was overwritten with X.
    case starttlsStripped = "starttls_stripped"
    /// TLS was established, and the peer has replied inside it, after another 2xx than 220.
    case starttls2xx = "starttls_2xx"
    case starttls4xx = "starttls_4xx"
    case starttls5xx = "starttls_5xx"
    case starttlsTimeout = "starttls_timeout"
    case starttlsClosed = "starttls_closed"
    /// The handshake was done, and then the peer ended the session by an alert.
    case tlsAlert = "tls_alert"
    /// The handshake was done, and then nothing more came.
    case tlsEHLOTimeout = "tls_ehlo_timeout"
    /// The handshake was done, and then the peer closed.
    case tlsEHLOClosed = "tls_ehlo_closed"
}

/// What the owner of the connection does next.
public enum Action: Hashable, Sendable {
    /// Write these bytes, then read.
    case send([UInt8])
    /// Begin the TLS handshake; then call `tlsEstablished`, or end the connection.
    case startTLS
    /// Read.
    case wait
    /// Close the connection.
    case finish(Outcome)
}
