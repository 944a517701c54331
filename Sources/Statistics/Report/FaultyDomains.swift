internal import Explanations
internal import Judgement
internal import MTASTS
internal import Records

/// The domains that a report names, and for all at which something is to be mended, who takes their
/// mail and what fails first.
///
/// Memory is bounded: by `limit` for the names, by `groupsMax` for the operators. Which domains are
/// named does not depend on the order in which they are added: those at which something is to be
/// mended come first, then those with a record, then the rest; of each the first by rank, and
/// without ranks some at random, the same each time.
public struct FaultyDomains: Sendable {
    /// A domain that is named.
    struct Named: Sendable {
        var domain: String
        var rank: Int?
        var verdict: Verdict
        var reason: VerdictReason?
        var failure: FirstFailure?
        var mode: Mode?
        var mx: Operator
        var policy: Operator
        fileprivate var key: Key

        /// Whether something is to be mended.
        var isFaulty: Bool { key.group == 0 }
    }

    /// What decides which domains are named: the least come first.
    fileprivate struct Key: Comparable, Sendable {
        var group: Int
        var rank: Int
        var hash: UInt64

        static func < (one: Key, other: Key) -> Bool {
            (one.group, one.rank, one.hash) < (other.group, other.rank, other.hash)
        }
    }

    /// How many domains are named at most.
    public let limit: Int
    private var attribution: Attribution
    /// The domains that are named, and up to as many again that were not yet dropped.
    private var kept: [Named] = []
    /// The key of the last that is still named, once there are more than are named.
    private var bound: Key?
    /// Domains at which something is to be mended, by the operator of their mail; the first column
    /// is that of all, each other one that of a first failure.
    private(set) var faults: GroupTable<Operator>
    /// How many domains could be named.
    private(set) var candidates = 0

    private static let failurePlaces = Dictionary(
        uniqueKeysWithValues: FirstFailure.allCases.enumerated().map { ($0.element, $0.offset) })

    /// Nothing yet.
    public init(
        limit: Int, catalogue: ProviderCatalogue, suffixes: any PublicSuffixes,
        directory: HostIndex, groupsMax: Int
    ) {
        self.limit = limit
        attribution = Attribution(catalogue: catalogue, suffixes: suffixes, directory: directory)
        faults = GroupTable(width: 1 + FirstFailure.allCases.count, capacity: groupsMax)
    }

    var catalogue: ProviderCatalogue { attribution.catalogue }

    /// Adds a domain.
    public mutating func add(_ facts: DomainFacts) {
        guard facts.status == .scanned, let domain = facts.domain, let verdict = facts.verdict
        else { return }
        candidates += 1
        let isFaulty = facts.isFaulty
        if isFaulty {
            let place = facts.firstFailure.flatMap { Self.failurePlaces[$0] }
            let mx = attribution.mxOperator(of: facts, domain)
            faults.count([0] + (place.map { [$0 + 1] } ?? []), of: mx)
        }
        let key = Key(
            group: isFaulty ? 0 : facts.hasRecord ? 1 : 2, rank: facts.rank ?? .max,
            hash: stableHash(domain))
        guard limit > 0, bound.map({ key < $0 }) ?? true else { return }
        kept.append(
            Named(
                domain: domain, rank: facts.rank, verdict: verdict, reason: facts.reason,
                failure: facts.firstFailure, mode: facts.mode,
                mx: facts.takesMail ? attribution.mxOperator(of: facts, domain) : .none,
                policy: facts.hasRecord ? attribution.policyOperator(of: facts, domain) : .none,
                key: key))
        if kept.count >= 2 * limit + 1024 { drop() }
    }

    /// Adds those of another part of the scan.
    public mutating func merge(_ other: FaultyDomains) {
        candidates += other.candidates
        faults.merge(other.faults)
        kept += other.kept
        drop()
    }

    /// The domains that are named, in their order.
    var named: [Named] { Array(kept.sorted { $0.key < $1.key }.prefix(limit)) }

    private mutating func drop() {
        kept = named
        if kept.count == limit { bound = kept.last?.key }
    }
}

extension DomainFacts {
    /// Whether the domain takes mail and asks for protection that it does not get in full.
    fileprivate var isFaulty: Bool {
        guard let verdict, let reason, verdict != .noMail else { return false }
        return Headline(verdict, reason).need == .mending
    }
}
