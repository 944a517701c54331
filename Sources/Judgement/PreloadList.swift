public import DNS
public import Findings
internal import MTASTS
public import Observations

/// A list of policies that senders bring along, as EFF's STARTTLS Everywhere published one.
public struct PreloadList: Sendable {
    /// What is listed for a domain.
    public struct Entry: Sendable {
        /// Whether a sender must not deliver to hosts that fail, or only reports them.
        public var mode: PreloadMode
        /// What MX hosts and their certificates may be named.
        public var patterns: [PreloadPattern]

        /// An entry of these parts.
        public init(mode: PreloadMode, patterns: [PreloadPattern]) {
            self.mode = mode
            self.patterns = patterns
        }
    }

    /// The entries by domain, aliases resolved.
    public var entries: [DomainName: Entry]

    /// A list of these entries.
    public init(entries: [DomainName: Entry]) { self.entries = entries }
}

/// What a sender makes of a listed host that fails.
public enum PreloadMode: String, DocumentedValue {
    case testing
    case enforce

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .testing: "Failures are told and mail is delivered (STARTTLS Everywhere, RULES.md)."
        case .enforce: "Mail is not delivered to hosts that fail (STARTTLS Everywhere, RULES.md)."
        }
    }
}

/// A name, or a leading dot and the domain above exactly one label.
public enum PreloadPattern: Hashable, Sendable {
    case host(DomainName)
    case suffix(DomainName)

    /// The pattern of a text; nil where it is none.
    public init?(_ text: String) {
        let isSuffix = text.utf8.first == UInt8(ascii: ".")
        guard let name = try? DomainName(isSuffix ? String(text.dropFirst()) : text),
            name.isHostName
        else { return nil }
        self = isSuffix ? .suffix(name) : .host(name)
    }

    /// Whether the pattern is for an MX host of this name.
    func matches(_ host: DomainName) -> Bool {
        switch self {
        case .host(let name): name == host
        case .suffix(let suffix): host.parent == suffix
        }
    }

    /// Whether the pattern is for a certificate of these dNSNames.
    func matches(certificate names: [String]) -> Bool {
        switch self {
        case .host(let host): names.contains { certificateName($0, standsFor: host) }
        case .suffix(let suffix):
            names.contains { DomainName(canonical: inLowerCase($0)).parent == suffix }
        }
    }
}

/// Whether a domain is on the list, and whether it keeps the rules to be added to one.
public struct PreloadJudgement: Sendable {
    /// Whether the domain is listed.
    public var isListed: Bool
    /// The mode of its entry; nil where it has none.
    public var mode: PreloadMode?
    /// Whether every MX host meets a listed pattern; nil without entry or hosts.
    public var mxMatch: Bool?
    /// Whether every certificate seen has a valid chain and a name that meets a listed pattern;
    /// nil without entry or certificates.
    public var certificateMatch: Bool?
    /// Whether the domain's own policy qualifies for the list: valid, for 18 weeks or longer.
    public var isEligible: Bool
    /// Whether it would get it on the list of hints for caches: enforced, for a week or longer.
    public var isHintEligible: Bool

    /// The least max_age that the list takes, in seconds: 18 weeks.
    static let maxAgeMin = 10_886_400
    /// The least max_age that the list of hints takes, in seconds: a week.
    static let hintMaxAgeMin = 604_800

    /// Holds what was seen at `domain` against the list.
    public init(
        of domain: DomainName, _ seen: DomainObservation, _ judgement: Judgement,
        in list: PreloadList
    ) {
        let entry = list.entries[domain]
        isListed = entry != nil
        mode = entry?.mode
        let names = judgement.hosts.map(\.host)
        if let patterns = entry?.patterns, !names.isEmpty {
            mxMatch = names.allSatisfy { name in patterns.contains { $0.matches(name) } }
        }
        let certificates = seen.hosts.compactMap(\.certificate)
        if let patterns = entry?.patterns, !certificates.isEmpty {
            certificateMatch = certificates.allSatisfy { $0.meets(patterns) }
        }
        let isValid = judgement.record == .ok && judgement.policyStatus == .ok
        let maxAge = judgement.maxAge ?? 0
        isEligible = isValid && judgement.mode != Mode.none && maxAge >= Self.maxAgeMin
        isHintEligible = isValid && judgement.mode == .enforce && maxAge >= Self.hintMaxAgeMin
    }
}

extension CertificateObservation {
    /// Whether the chain is valid and a name meets a pattern; the MX host's name need not.
    fileprivate func meets(_ patterns: [PreloadPattern]) -> Bool {
        errors.allSatisfy { $0 == .nameMismatch || $0 == .cnOnly }
            && patterns.contains { $0.matches(certificate: names) }
    }
}
