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

    /// A policy host by its own name; nil where its first label is another than `mta-sts`.
    public init?(named name: DomainName) {
        guard name.text.hasPrefix("mta-sts.") else { return nil }
        self.name = name
    }

    /// Where the policy is served (RFC 8461 §3.2).
    public var url: String { "https://\(name.text)/.well-known/mta-sts.txt" }

    private static let label = DomainName(canonical: "mta-sts")
}

extension PolicyResponse {
    /// What a Content-Type, nil where none was sent, gives rise to: advice only.
    ///
    /// RFC 8461 §3.2: the media type "SHOULD" be text/plain, and senders that refuse others exist.
    public static func findings(contentType: [UInt8]?) -> [Finding] {
        let type = MediaType(contentType ?? [])
        guard type.name.spells(ignoringCase: "text/plain") else {
            return [PolicyAdvice.contentType.at(0)]
        }
        guard let charset = type.charset else { return [] }
        let isText =
            charset.spells(ignoringCase: "utf-8") || charset.spells(ignoringCase: "us-ascii")
        return isText ? [] : [PolicyAdvice.charset.at(charset.startIndex)]
    }
}
