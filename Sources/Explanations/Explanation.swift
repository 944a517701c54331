// # Findings in words for the owner of a domain
//
// The program's findings, failures and verdicts have codes. This module says in plain words what
// each of them means to the owner of a domain: what was found, what follows for mail, what to
// change, and where. Everything that is said is a `Template`: whole sentences with named
// placeholders, never put together from fragments, so that a translator gets sentences. The texts
// stand beside each other, one file for each layer, in switches over the vocabularies: a new value
// without a text does not compile.
//
// `Catalogue` lists all of it by code, for the taxonomy and for `explain`. `Diagnosis` picks out of
// it what holds of one domain, and fills in the evidence.

/// What a code says to the owner of a domain.
public struct Explanation: Hashable, Sendable {
    /// What was found.
    public let found: Template
    /// Where it is mended; nil where nothing is to be mended.
    public let place: Place?
    /// What follows for mail.
    public let effect: Effect
    /// What to change, a step at a time, in their order.
    ///
    /// A step of which no wording has its evidence does not apply.
    public let steps: [Template]

    /// An explanation of these parts; without steps there is nothing to mend.
    public init(
        _ found: Template, at place: Place? = nil, effect: Effect = .nothing,
        fix steps: Template...
    ) {
        self.init(found, at: place, effect: effect, steps: steps)
    }

    /// The same with the steps as a list.
    init(_ found: Template, at place: Place?, effect: Effect, steps: [Template]) {
        self.found = found
        self.place = place
        self.effect = effect
        self.steps = steps
    }
}

/// Where a fault is mended.
public enum Place: String, CaseIterable, Sendable {
    case zone
    case webServer = "web_server"
    case policy
    case mailServer = "mail_server"
    case certificate
    case client

    /// What people call it.
    public var label: String {
        switch self {
        case .zone: "DNS zone"
        case .webServer: "web server of the policy"
        case .policy: "policy file"
        case .mailServer: "mail server"
        case .certificate: "certificate"
        case .client: "machine that ran the check"
        }
    }
}

/// A text of whole sentences with named placeholders in braces, such as `{host}`.
///
/// It can have several wordings, the one with most evidence first. The first whose placeholders are
/// all known is used.
public struct Template: Hashable, Sendable, ExpressibleByStringLiteral {
    /// The wordings, the one with most evidence first.
    public let wordings: [String]

    /// A template of these wordings.
    public init(_ first: String, or others: String...) { wordings = [first] + others }

    /// A template of one wording.
    public init(stringLiteral text: String) { self.init(text) }

    /// The text with its evidence; nil where no wording has all that it needs.
    public func filled(with evidence: Evidence) -> String? {
        for wording in wordings {
            if let text = Self.filled(wording, with: { evidence[$0] }) { return text }
        }
        return nil
    }

    /// The text without evidence: `{host}` is shown as `HOST`.
    public var general: String {
        Self.filled(wordings[0]) { Self.general($0) } ?? wordings[0]
    }

    /// The names of the placeholders of a wording.
    package static func placeholders(of wording: String) -> [String] {
        var names: [String] = []
        _ = filled(wording) { name in
            names.append(name)
            return name
        }
        return names
    }

    private static func general(_ name: String) -> String {
        String(name.uppercased().map { $0 == "_" ? "-" : $0 })
    }

    /// The wording with each placeholder replaced; nil where one has no value.
    private static func filled(_ wording: String, with value: (String) -> String?) -> String? {
        var text = ""
        var rest = wording[...]
        while let start = rest.firstIndex(of: "{"), let end = rest[start...].firstIndex(of: "}") {
            let name = String(rest[rest.index(after: start)..<end])
            guard let value = value(name) else { return nil }
            text += rest[..<start] + value
            rest = rest[rest.index(after: end)...]
        }
        return text + rest
    }
}

extension Template {
    /// How senders learn that a policy has changed (RFC 8461 §3.1): the policy first, then the id.
    static let changeID = Template(
        """
        Afterwards change the id of the TXT record at _mta-sts.{domain}, for example to \
        "v=STSv1; id={new_id}", so that senders fetch the new policy.
        """,
        or: """
            Afterwards change the id of the TXT record at _mta-sts.{domain}, so that senders fetch \
            the new policy.
            """)

    /// How MTA-STS is given up (RFC 8461 §8.3).
    static let giveUp: Template =
        """
        To give up MTA-STS instead, serve a policy with "mode: none" and change the id of the \
        record; remove both only when the max_age of the last policy has passed.
        """
}
