internal import Judgement
internal import MTASTS
internal import Observations

/// What is counted of every group of domains: adoption, and the verdicts.
enum AdoptionColumn: String, CaseIterable, Sendable {
    /// All of the group.
    case domains
    /// Mail goes somewhere.
    case mail
    /// A record says `v=STSv1`.
    case records
    /// The policy is valid.
    case policies
    case enforce
    case testing
    case modeNone = "none"
    case protectedSTS = "protected_sts"
    case protectedDANE = "protected_dane"
    case partial
    case refused
    case testingWouldFail = "testing_would_fail"
    /// A record, and some host with a bad certificate.
    case badCertificate = "bad_certificate"
    /// A record, and bad certificates only.
    case allBadCertificates = "all_bad_certificates"
    /// Enforced, and some host with a bad certificate.
    case enforceBadCertificate = "enforce_bad_certificate"
    /// A policy that names not all of the hosts.
    case mismatch
    /// A policy that names none of the hosts.
    case allMismatch = "all_mismatch"
    /// Enforced, and not all of the hosts named.
    case enforceMismatch = "enforce_mismatch"
    case tlsrpt
    /// Some host has usable TLSA records and the domain's MX is validated.
    case dane

    /// The names of all columns.
    static let names = allCases.map(\.rawValue)

    /// The indexes of the most important columns.
    static let brief = places([
        .domains, .mail, .records, .policies, .enforce, .testing, .modeNone, .protectedSTS,
        .protectedDANE, .refused,
    ])

    /// Adoption: records among the domains that take mail.
    static let share = (part: places([.records])[0], whole: places([.mail])[0])

    /// The indexes of columns.
    static func places(_ columns: [AdoptionColumn]) -> [Int] {
        columns.compactMap { allCases.firstIndex(of: $0) }
    }

    /// Whether a domain is counted in the column.
    func counts(_ profile: DomainOutcomes) -> Bool {
        switch self {
        case .domains: true
        case .mail: profile.takesMail
        case .records: profile.hasRecord
        case .policies: profile.hasPolicy
        case .enforce: profile.mode == .enforce
        case .testing: profile.mode == .testing
        case .modeNone: profile.mode == Mode.none
        case .protectedSTS: profile.verdict == .protectedSTS
        case .protectedDANE: profile.verdict == .protectedDANE
        case .partial: profile.verdict == .partial
        case .refused: profile.verdict == .refused
        case .testingWouldFail: profile.verdict == .testingWouldFail
        case .badCertificate: profile.hasRecord && profile.badCertificates != .none
        case .allBadCertificates: profile.hasRecord && profile.badCertificates == .all
        case .enforceBadCertificate:
            profile.mode == .enforce && profile.badCertificates != .none
        case .mismatch: profile.mismatches != .none
        case .allMismatch: profile.mismatches == .all
        case .enforceMismatch: profile.mode == .enforce && profile.mismatches != .none
        case .tlsrpt: profile.tlsrpt == .ok
        case .dane: profile.dane == .ok || profile.dane == .partial || profile.dane == .failed
        }
    }
}

/// What is counted of the domains of one policy host's operator.
enum DelegationColumn: Hashable, Sendable {
    /// A record, or a CNAME of `_mta-sts.` to the operator.
    case domains
    case records
    case fetch(PolicyFetchStatus)
    case policy(PolicyStatus)
    case mode(Mode)
    /// The CNAME is there and the record is not.
    case recordGone
    /// The policy names none of the hosts.
    case allMismatch
    case refused

    /// All columns in their order.
    static let all: [DelegationColumn] =
        [.domains, .records]
        + PolicyFetchStatus.allCases.map { .fetch($0) } + PolicyStatus.allCases.map { .policy($0) }
        + Mode.allCases.map { .mode($0) } + [.recordGone, .allMismatch, .refused]

    /// The index of each column.
    static let places = Dictionary(
        uniqueKeysWithValues: all.enumerated().map { ($0.element, $0.offset) })

    /// The columns that a domain is counted in.
    static func columns(of profile: DomainOutcomes) -> [DelegationColumn] {
        var columns = [DelegationColumn.domains]
        guard profile.hasRecord else { return columns + [.recordGone] }
        columns.append(.records)
        if let fetch = profile.fetch { columns.append(.fetch(fetch)) }
        if let policy = profile.policy { columns.append(.policy(policy)) }
        if let mode = profile.mode { columns.append(.mode(mode)) }
        if profile.mismatches == .all { columns.append(.allMismatch) }
        if profile.verdict == .refused { columns.append(.refused) }
        return columns
    }
}

/// What is counted of each pair of operators.
enum PairColumn: String, CaseIterable, Sendable {
    /// Domains with a record.
    case records = "domains"
    case policies
    case mismatch
    case allMismatch = "all_mismatch"
    case badCertificate = "bad_certificate"
    case refused

    func counts(_ profile: DomainOutcomes) -> Bool {
        switch self {
        case .records: true
        case .policies: profile.hasPolicy
        case .mismatch: profile.mismatches != .none
        case .allMismatch: profile.mismatches == .all
        case .badCertificate: profile.badCertificates != .none
        case .refused: profile.verdict == .refused
        }
    }
}
