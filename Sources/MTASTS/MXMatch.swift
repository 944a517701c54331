public import DNS
public import Findings

/// How a policy's patterns allow an MX host (RFC 8461 §4.1).
public enum MXMatch: String, DocumentedValue {
    case literal
    case wildcard
    case none

    /// The match of `host`; a literal pattern counts before a wildcard.
    public init(_ host: DomainName, _ patterns: [MXPattern]) {
        if patterns.contains(.host(host)) {
            self = .literal
        } else if patterns.contains(where: { $0.matches(host) }) {
            self = .wildcard
        } else {
            self = .none
        }
    }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .literal: "A pattern is the host's name (RFC 8461 §4.1)."
        case .wildcard: "A wildcard stands for the host's leftmost label (RFC 8461 §4.1)."
        case .none: "No pattern allows the host (RFC 8461 §4.1)."
        }
    }
}

/// What the pattern nearest to a host that no pattern allows has in common with it.
public enum NearMiss: String, DocumentedValue {
    case historical
    case mtaSTSLabel = "mta_sts_label"
    case otherTLD = "other_tld"
    case extraLabels = "extra_labels"
    case typo
    case certificateOnly = "certificate_only"
    case other

    /// The class of `host`, the first in the order of the cases for any pattern; earlier scans are
    /// not used.
    ///
    /// `certificateNames` are the SAN dNSNames that the host showed. Without a list of public
    /// suffixes, the registered domain is the last two labels, or three where the last is a
    /// country's and the one before has at most three letters (`co.uk`, `com.au`).
    public init(
        host: DomainName, patterns: [MXPattern], certificateNames: [DomainName] = []
    ) {
        func some(_ isNear: (MXPattern) -> Bool) -> Bool { patterns.contains(where: isNear) }
        let suffix = registeredLabels(host)
        if some({ $0.domain.labels.contains("mta-sts") }) {
            self = .mtaSTSLabel
        } else if some({ differsInLastLabel($0.domain, $0.counterpart(of: host)) }) {
            self = .otherTLD
        } else if some({
            registeredLabels($0.domain) == suffix
                && $0.domain.labels.count != $0.counterpart(of: host)?.labels.count
        }) {
            self = .extraLabels
        } else if some({ $0.isWithinEdits(3, of: host) }) {
            self = .typo
        } else if some({ pattern in
            certificateNames.contains { pattern.matches($0) || pattern.description == $0.text }
        }) {
            self = .certificateOnly
        } else {
            self = .other
        }
    }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .historical:
            "A pattern names a host of an earlier scan: the policy is outdated (RFC 8461 §4.1)."
        case .mtaSTSLabel: "A pattern names the policy host (RFC 8461 §4.1)."
        case .otherTLD: "A pattern differs in the last label only (RFC 8461 §4.1)."
        case .extraLabels: "A pattern of the same domain has more or fewer labels (RFC 8461 §4.1)."
        case .typo: "A pattern is at most three edits away (RFC 8461 §4.1)."
        case .certificateOnly:
            "A pattern names the certificate, as drafts until May 2018 had it (RFC 8461 §4.1)."
        case .other: "No pattern comes near (RFC 8461 §4.1)."
        }
    }
}

extension MXPattern {
    /// The part of a host's name that the pattern's domain corresponds to.
    fileprivate func counterpart(of host: DomainName) -> DomainName? {
        switch self {
        case .host: host
        case .wildcard: host.parent
        }
    }

    fileprivate func isWithinEdits(_ limit: Int, of host: DomainName) -> Bool {
        guard let counterpart = counterpart(of: host) else { return false }
        return isEditDistance(
            Array(domain.text.utf8), Array(counterpart.text.utf8), atMost: limit)
    }
}

private func differsInLastLabel(_ name: DomainName, _ other: DomainName?) -> Bool {
    guard let other, name != other else { return false }
    let head = name.labels.dropLast()
    return !head.isEmpty && head == other.labels.dropLast()
}

private func registeredLabels(_ name: DomainName) -> ArraySlice<String> {
    let labels = name.labels
    let hasCountrySuffix =
        labels.count > 2 && labels[labels.count - 1].utf8.count == 2
        && labels[labels.count - 2].utf8.count <= 3
    return labels.suffix(hasCountrySuffix ? 3 : 2)
}

/// Whether at most `limit` insertions, deletions and substitutions turn one text into the other.
///
/// Only the diagonal band that the limit allows is computed, so the time is linear.
private func isEditDistance(_ a: [UInt8], _ b: [UInt8], atMost limit: Int) -> Bool {
    guard abs(a.count - b.count) <= limit else { return false }
    var previous = Array(0...b.count).map { min($0, limit + 1) }
    for row in 0..<a.count {
        var current = Array(repeating: limit + 1, count: b.count + 1)
        if row < limit { current[0] = row + 1 }
        let first = max(0, row - limit)
        for column in first..<max(first, min(b.count, row + limit + 1)) {
            let substitution = previous[column] + (a[row] == b[column] ? 0 : 1)
            let edit = min(previous[column + 1], current[column]) + 1
            current[column + 1] = min(substitution, edit, limit + 1)
        }
        previous = current
    }
    return previous[b.count] <= limit
}
