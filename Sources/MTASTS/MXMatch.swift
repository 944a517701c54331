public import DNS

/// How a policy's patterns allow an MX host (RFC 8461 §4.1).
public enum MXMatch: String, Hashable, Sendable, CaseIterable {
    /// A pattern is the host's name.
    case literal
    /// A wildcard covers the host's name.
    case wildcard
    /// No pattern allows the host.
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
}

/// What the pattern nearest to a host that no pattern allows has in common with it.
public enum NearMiss: String, Hashable, Sendable, CaseIterable {
    /// A pattern allows a host that the domain had at an earlier scan: the policy is outdated.
    case historical
    /// A pattern has the label `mta-sts`: the policy host was named, not the MX host.
    case mtaSTSLabel = "mta_sts_label"
    /// A pattern differs in the last label only.
    case otherTLD = "other_tld"
    /// A pattern has the same registered domain, with more labels or fewer.
    case extraLabels = "extra_labels"
    /// A pattern is at most three edits away.
    case typo
    /// A pattern allows a name of the host's certificate.
    case certificateOnly = "certificate_only"
    /// None of these.
    case other

    /// The class of `host`, the first in the order of the cases that some pattern gives; earlier
    /// scans are not asked.
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
}

extension MXPattern {
    /// The part of a host's name that the pattern's domain stands for.
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

/// Whether `limit` insertions, deletions and substitutions lead from one text to the other.
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
