public import Changes
import FoundationEssentials
internal import Judgement
internal import MTASTS

/// How many domains changed, in which way, and between what.
public struct ChangeCounts: Sendable, Encodable {
    /// So many domains went from one value to another.
    public struct Move: Sendable, Encodable {
        /// The value before.
        public let from: String?
        /// The value after.
        public let to: String?
        /// The domains.
        public let domains: Int
    }

    /// Domains that changed in some way.
    public let domains: Int
    /// Domains by what changed, each kind of change named.
    public let changes: [String: Int]
    /// From mode to mode, of policies that are served.
    public let modes: [Move]
    /// From verdict to verdict.
    public let verdicts: [Move]
    /// Between the registrable domains of MX hosts.
    public let mxProviders: [Move]
    /// Between the registrable domains of policy hosts' aliases; null for hosts without an alias.
    public let policyProviders: [Move]

    /// The counts of some changes.
    public init(of records: [ChangeRecord]) {
        var changes: [Change: Int] = [:]
        var (modes, verdicts, mx, policy) = (Moves(), Moves(), Moves(), Moves())
        for record in records {
            for change in record.changes { changes[change, default: 0] += 1 }
            guard let old = record.old, let new = record.new else { continue }
            if old.terms != nil, new.terms != nil {
                modes.add(old.terms?.mode.rawValue, new.terms?.mode.rawValue)
            }
            verdicts.add(old.verdict.rawValue, new.verdict.rawValue)
            if record.changes.contains(.mxMoved) { mx.add(old.mxProviders, new.mxProviders) }
            if record.changes.contains(.policyHostMoved) {
                policy.add(old.policyProvider, new.policyProvider)
            }
        }
        domains = records.count
        self.changes = Dictionary(
            uniqueKeysWithValues: Change.allCases.map { ($0.rawValue, changes[$0] ?? 0) })
        (self.modes, self.verdicts) = (modes.sorted, verdicts.sorted)
        (mxProviders, policyProviders) = (mx.sorted, policy.sorted)
    }

    /// The counts as one line of JSON, beside what was compared and what is to be known of it.
    public func line(of comparison: ScanComparison) -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(["counts": Line(counts: self, of: comparison)])
        else { preconditionFailure("counts have nothing that JSON cannot hold") }
        return String(decoding: data, as: UTF8.self)
    }

    private struct Line: Encodable {
        let counts: ChangeCounts
        let comparison: ScanComparison

        init(counts: ChangeCounts, of comparison: ScanComparison) {
            self.counts = counts
            self.comparison = comparison
        }

        enum Key: String, CodingKey {
            case old, new, cautions
        }

        func encode(to encoder: any Encoder) throws {
            try counts.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(comparison.old, forKey: .old)
            try container.encode(comparison.new, forKey: .new)
            try container.encode(comparison.cautions, forKey: .cautions)
        }
    }
}

/// Pairs of values with how often each occurred; pairs of equal values are left out.
private struct Moves {
    private struct Pair: Hashable {
        let from: String
        let to: String
    }

    private var counts: [Pair: Int] = [:]

    mutating func add(_ from: String?, _ to: String?) {
        guard from != to else { return }
        counts[Pair(from: from ?? "", to: to ?? ""), default: 0] += 1
    }

    /// The most frequent first.
    var sorted: [ChangeCounts.Move] {
        let value = { (text: String) in text.isEmpty ? nil : text }
        return counts.map {
            ChangeCounts.Move(from: value($0.from), to: value($0.to), domains: $1)
        }.sorted {
            ($1.domains, $0.from ?? "", $0.to ?? "") < ($0.domains, $1.from ?? "", $1.to ?? "")
        }
    }
}
