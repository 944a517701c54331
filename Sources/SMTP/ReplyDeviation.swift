public import Findings

/// How a reply differs from what RFC 5321 allows, where senders take it all the same.
public enum ReplyDeviation: String, DocumentedValue, FindingCode {
    case mixedCodes = "mixed_codes"
    case longLine = "long_line"
    case controlOctet = "control_octet"
    case bareLineFeed = "bare_line_feed"
    case greetingCode = "greeting_code"
    case ehloCode = "ehlo_code"

    /// The meaning of the value, and its rule.
    public var meaning: String { "\(message) (\(section))." }

    /// The clause that the reply does not keep to.
    public var section: String {
        switch self {
        case .mixedCodes: "RFC 5321 §4.2.1"
        case .longLine: "RFC 5321 §4.5.3.1.5"
        case .controlOctet: "RFC 5321 §4.2"
        case .bareLineFeed: "RFC 5321 §2.3.8"
        case .greetingCode: "RFC 5321 §4.3.2"
        case .ehloCode: "RFC 5321 §4.1.1.1"
        }
    }

    /// What the server does, as a sentence without its end.
    public var message: String {
        switch self {
        case .mixedCodes: "The lines of one reply have different codes; the last one's counts"
        case .longLine: "A line of a reply has more than 512 octets"
        case .controlOctet: "A reply holds NUL or another control character"
        case .bareLineFeed: "A line of a reply ends without a carriage return"
        case .greetingCode: "The greeting has another positive code than 220"
        case .ehloCode: "The reply to EHLO has another positive code than 250"
        }
    }
}
