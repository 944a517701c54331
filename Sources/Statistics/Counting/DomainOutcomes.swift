internal import Judgement
internal import MTASTS
internal import Observations
internal import Records

/// How many of a domain's hosts are affected.
enum AffectedHosts: String, CaseIterable, Hashable, Sendable {
    case none
    case partial
    case all

    init(_ affected: Int, of all: Int) {
        self = affected == 0 ? .none : affected < all ? .partial : .all
    }
}

/// All counted values of a domain that are of closed vocabularies.
///
/// Few of the possible combinations occur, some thousands in the largest scans, so all tables that
/// cross one vocabulary with another are sums over these combinations.
struct DomainOutcomes: Hashable, Sendable {
    var status: DomainRecord.Status
    var rank: RankBucket
    var verdict: Verdict?
    var reason: VerdictReason?
    var postfixVerdict: Verdict?
    var senderVerdicts: SenderVerdicts
    var dependsOnSender: Bool
    var firstFailure: FirstFailure?
    var tlsrptResult: TLSRPTResult?
    var mx: MXStatus?
    var record: STSRecordStatus?
    var fetch: PolicyFetchStatus?
    var policy: PolicyStatus?
    /// The mode of a valid policy text, whatever the record in front of it.
    var servedMode: Mode?
    var tlsrpt: TLSRPTStatus?
    var dane: DomainDANEStatus?
    /// Of the hosts that showed a certificate, how many showed a bad one.
    var badCertificates: AffectedHosts
    /// The first errors of the bad ones.
    var certificateErrors: EnumSet<CertificateStatus>
    /// Of the hosts, how many no mx pattern of a valid policy text matches.
    var unmatched: AffectedHosts
    /// How the hosts that no pattern matches are similar to one.
    var nearMisses: EnumSet<NearMiss>
    /// Under which names Microsoft takes the mail; nil where it does not.
    var microsoft: MicrosoftNames?

    init(_ facts: DomainFacts) {
        status = facts.status
        rank = RankBucket(facts.rank)
        verdict = facts.verdict
        reason = facts.reason
        postfixVerdict = facts.postfixVerdict
        senderVerdicts = facts.senderVerdicts
        dependsOnSender = facts.dependsOnSender
        firstFailure = facts.firstFailure
        tlsrptResult = facts.tlsrptResult
        mx = facts.mx
        record = facts.record
        fetch = facts.fetch
        policy = facts.policy
        servedMode = facts.mode
        tlsrpt = facts.tlsrpt
        dane = facts.dane
        var shown = 0
        var bad = 0
        var unmatched = 0
        certificateErrors = []
        nearMisses = []
        for host in facts.hosts {
            if let certificate = host.certificate {
                shown += 1
                if certificate != .ok {
                    bad += 1
                    certificateErrors.insert(certificate)
                }
            }
            if host.match == MXMatch.none {
                unmatched += 1
                if let nearMiss = host.nearMiss { nearMisses.insert(nearMiss) }
            }
        }
        badCertificates = AffectedHosts(bad, of: shown)
        self.unmatched = AffectedHosts(unmatched, of: facts.hosts.count)
        microsoft = facts.takesMail ? MicrosoftNames(facts.hosts) : nil
    }
}

/// A set of values of a small vocabulary, in one integer.
struct EnumSet<Word: CaseIterable & Hashable & Sendable>: Hashable, Sendable,
    ExpressibleByArrayLiteral
{
    private var bits: UInt32 = 0

    init(arrayLiteral words: Word...) { words.forEach { insert($0) } }

    mutating func insert(_ word: Word) {
        for (index, other) in Word.allCases.enumerated() where other == word { bits |= 1 << index }
    }

    func contains(_ word: Word) -> Bool {
        for (index, other) in Word.allCases.enumerated() where other == word {
            return bits & 1 << index != 0
        }
        return false
    }
}

/// The rank of a domain in a list by popularity.
enum RankBucket: String, CaseIterable, Hashable, Sendable {
    case top1k = "1-1000"
    case top10k = "1001-10000"
    case top100k = "10001-100000"
    case top1m = "100001-1000000"
    case beyond = "1000001-"
    case unranked

    init(_ rank: Int?) {
        switch rank {
        case nil: self = .unranked
        case .some(..<1_001): self = .top1k
        case .some(..<10_001): self = .top10k
        case .some(..<100_001): self = .top100k
        case .some(..<1_000_001): self = .top1m
        default: self = .beyond
        }
    }

    /// The last rank of the bucket; nil where there is none.
    private var last: Int? {
        switch self {
        case .top1k: 1000
        case .top10k: 10_000
        case .top100k: 100_000
        case .top1m: 1_000_000
        case .beyond, .unranked: nil
        }
    }

    /// The ranks from the first to the last of the bucket, as text.
    var fromFirst: String { last.map { "1-\($0)" } ?? "1-" }

    /// Those that are ranks, in their order.
    static let ranked = allCases.filter { $0 != .unranked }
}

extension DomainOutcomes {
    var isScanned: Bool { status == .scanned }

    /// Whether the question for MX was answered, by a denial too.
    var isAnswered: Bool {
        switch mx {
        case .servfail, .refused, .timeout, .unreachable, .dnsError, nil: false
        default: true
        }
    }

    var takesMail: Bool { mx == .hasMX || mx == .implicit || mx == .nullMXPlus }

    /// Whether a record says `v=STSv1`, valid or not.
    var hasRecord: Bool { record?.callsForFetch ?? false }

    /// Whether senders have a policy: a valid one, behind a valid record (RFC 8461 §3.1).
    var hasPolicy: Bool { record == .ok && policy == .ok }

    /// The mode of a policy that senders have.
    var mode: Mode? { hasPolicy ? servedMode : nil }

    /// Of the hosts, how many a policy that senders have does not name.
    var mismatches: AffectedHosts { hasPolicy ? unmatched : .none }

    /// Whether the MX RRset is validated (RFC 7672 §2.2.1).
    var isMXSecure: Bool {
        switch dane {
        case .none?, .ok, .partial, .failed, .unusable, .tempfail: true
        case .unknown, .insecure, .hostOnly, nil: false
        }
    }

    var isProtected: Bool { verdict == .protectedSTS || verdict == .protectedDANE }
}

/// How often a combination of outcomes occurred, and the columns of other tables that it counts in.
struct OutcomeCount: Sendable {
    let profile: DomainOutcomes
    var domains: Int
    /// Indexes of `AdoptionColumn`.
    let adoption: [Int]
    /// Indexes of `DelegationColumn`.
    let delegation: [Int]
    /// Indexes of `PairColumn`.
    let pair: [Int]

    init(_ profile: DomainOutcomes, domains: Int) {
        self.profile = profile
        self.domains = domains
        adoption = AdoptionColumn.allCases.indices.filter {
            AdoptionColumn.allCases[$0].counts(profile)
        }
        delegation = DelegationColumn.columns(of: profile).compactMap {
            DelegationColumn.places[$0]
        }
        pair = PairColumn.allCases.indices.filter { PairColumn.allCases[$0].counts(profile) }
    }
}
