/// A reply of an SMTP server (RFC 5321 §4.2).
public struct Reply: Hashable, Sendable {
    /// The three digits.
    public var code: Int
    /// The text of each line, without code and line end.
    public var lines: [[UInt8]]
    /// Whether a line is longer than the 512 octets of RFC 5321 §4.5.3.1.5.
    public var hasOverlongLine: Bool
    /// The lines as sent, code included, joined by LF.
    public var bytes: [UInt8]

    /// 4yz: try again later (RFC 5321 §4.2.1).
    public var isTransientFailure: Bool { code / 100 == 4 }

    /// 5yz: do not try again (RFC 5321 §4.2.1).
    public var isPermanentFailure: Bool { code / 100 == 5 }

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

extension UInt8 {
    /// Whether the octet is a decimal digit.
    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    /// The octet with `a` to `z` turned into upper case.
    var uppercased: UInt8 {
        self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") ? self & 0xDF : self
    }
}

/// How a conversation up to TLS ended, as far as SMTP knows.
public enum Outcome: String, Hashable, Sendable, CaseIterable {
    /// TLS was established.
    case ok
    case greetingTimeout = "greeting_timeout"
    /// The peer closed the connection without a greeting.
    case greetingClosed = "greeting_closed"
    case greeting4xx = "greeting_4xx"
    case greeting5xx = "greeting_5xx"
    /// Bytes that are no SMTP reply, a reply that does not belong there, or too much of it.
    case notSMTP = "not_smtp"
    case ehloRejected = "ehlo_rejected"
    case ehloTimeout = "ehlo_timeout"
    case ehloClosed = "ehlo_closed"
    case starttlsNotOffered = "starttls_not_offered"
    /// STARTTLS is missing and a keyword was overwritten with X.
    case starttlsStripped = "starttls_stripped"
    case starttls4xx = "starttls_4xx"
    case starttls5xx = "starttls_5xx"
    case starttlsTimeout = "starttls_timeout"
    case starttlsClosed = "starttls_closed"
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
