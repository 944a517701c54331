public import DNS
public import Findings

/// The host that serves a domain's policy (RFC 8461 §3.3).
public struct PolicyHost: Hashable, Sendable {
    /// `mta-sts.` and the policy domain (RFC 8461 §3.2).
    public let name: DomainName

    /// The policy host of a domain; nil where its name would be too long.
    public init?(of domain: DomainName) {
        guard let name = domain.prefixed(by: PolicyHost.label) else { return nil }
        self.name = name
    }

    /// Where the policy is served (RFC 8461 §3.2).
    public var url: String { "https://\(name.text)/.well-known/mta-sts.txt" }

    private static let label = DomainName(canonical: "mta-sts")
}

/// What a response with a policy should be, beside its body (RFC 8461 §3.2, §3.3).
public enum PolicyResponse {
    /// The most octets of a body that senders read (RFC 8461 §3.3).
    public static let bodyOctetsMax = 65536

    /// What a Content-Type, nil where none was sent, gives rise to: advice only.
    ///
    /// RFC 8461 §3.2: the media type "SHOULD" be text/plain, and senders that refuse others exist.
    public static func findings(contentType: [UInt8]?) -> [Finding] {
        guard let contentType else { return [PolicyAdvice.contentType.at(0)] }
        let parts = contentType.split(separator: UInt8(ascii: ";"))
        guard let type = parts.first.map(trimmed), type.spells(ignoringCase: "text/plain") else {
            return [PolicyAdvice.contentType.at(0)]
        }
        for part in parts.dropFirst() {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1)
            let name = pair.first.map(trimmed)
            guard pair.count == 2, name?.spells(ignoringCase: "charset") == true else { continue }
            let value = trimmed(pair[1])
            let quote = UInt8(ascii: "\"")
            let charset = value.first == quote ? value.dropFirst().prefix { $0 != quote } : value
            let isText =
                charset.spells(ignoringCase: "utf-8") || charset.spells(ignoringCase: "us-ascii")
            return isText ? [] : [PolicyAdvice.charset.at(charset.startIndex)]
        }
        return []
    }
}

private func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    text.drop(while: \.isWhitespace).droppingTrailingWhitespace
}
