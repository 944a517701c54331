internal import Judgement
internal import MTASTS
internal import Observations

/// What is counted of every group of domains: adoption, and the verdicts.
///
/// All but the first are of domains that take mail, each a part of an earlier one.
enum AdoptionColumn: String, CaseIterable, Sendable {
    case domains
    case mail
    case records
    case policies
    case enforce
    case testing
    case modeNone = "none"
    case protectedSTS = "protected_sts"
    case protectedDANE = "protected_dane"
    case partial
    case refused
    case testingWouldFail = "testing_would_fail"
    case badCertificate = "bad_certificate"
    case allBadCertificates = "all_bad_certificates"
    case enforceBadCertificate = "enforce_bad_certificate"
    case mismatch
    case allMismatch = "all_mismatch"
    case enforceMismatch = "enforce_mismatch"
    case tlsrpt
    case dane

    /// The columns as tables have them.
    static let columns = allCases.map {
        StatsTable.Column($0.rawValue, $0.meaning, of: $0.whole.map { .column($0.rawValue) })
    }

    /// The indexes of the most important columns.
    static let brief = places([
        .domains, .mail, .records, .policies, .enforce, .testing, .modeNone, .protectedSTS,
        .protectedDANE, .refused,
    ])

    /// The columns whose shares people read: adoption, records among the domains that take mail.
    static let shares = [records.rawValue]

    /// The indexes of columns.
    static func places(_ columns: [AdoptionColumn]) -> [Int] {
        columns.compactMap { allCases.firstIndex(of: $0) }
    }

    /// What the column is a part of; nil where it is the whole.
    private var whole: AdoptionColumn? {
        switch self {
        case .domains: nil
        case .mail: .domains
        case .records, .protectedSTS, .protectedDANE, .partial, .refused, .tlsrpt, .dane: .mail
        case .policies, .badCertificate, .allBadCertificates: .records
        case .enforce, .testing, .modeNone, .mismatch, .allMismatch: .policies
        case .testingWouldFail: .testing
        case .enforceBadCertificate, .enforceMismatch: .enforce
        }
    }

    /// What is counted, as a sentence.
    private var meaning: String {
        switch self {
        case .domains: "All domains of the row."
        case .mail: "Domains that take mail."
        case .records: "Domains that take mail and have an MTA-STS record, valid or not."
        case .policies: "Domains that take mail, with a valid policy behind a valid record."
        case .enforce: "Those with a valid policy in mode enforce."
        case .testing: "Those with a valid policy in mode testing."
        case .modeNone: "Those with a valid policy in mode none."
        case .protectedSTS: "Domains whose verdict is protected_sts."
        case .protectedDANE: "Domains whose verdict is protected_dane."
        case .partial: "Domains whose verdict is partial."
        case .refused: "Domains whose verdict is refused."
        case .testingWouldFail: "Domains whose verdict is testing_would_fail."
        case .badCertificate: "Domains with a record, and some host with a bad certificate."
        case .allBadCertificates:
            "Domains with a record, all of whose hosts that show a certificate show a bad one."
        case .enforceBadCertificate: "Domains in mode enforce, and some host's certificate is bad."
        case .mismatch: "Domains with a valid policy that names not all of the hosts."
        case .allMismatch: "Domains with a valid policy that names none of the hosts."
        case .enforceMismatch: "Domains in mode enforce whose policy names not all of the hosts."
        case .tlsrpt: "Domains that take mail and have a valid TLSRPT record."
        case .dane:
            "Domains that take mail, with validated MX records and usable TLSA at some host."
        }
    }

    /// Whether a domain is counted in the column.
    func counts(_ profile: DomainOutcomes) -> Bool {
        self == .domains || (profile.takesMail && holds(of: profile))
    }

    private func holds(of profile: DomainOutcomes) -> Bool {
        switch self {
        case .domains, .mail: true
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

extension StatsTable {
    /// A table of adoption by some groups of domains.
    static func adoption(
        _ name: String, _ title: String, note: String = "", labels: [Label], rows: [Row],
        rest: Row? = nil
    ) -> StatsTable {
        StatsTable(
            name, title, note: note, labels: labels, columns: AdoptionColumn.columns,
            brief: AdoptionColumn.brief, shares: AdoptionColumn.shares, rows: rows, rest: rest)
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

/// What is counted of each pair of operators, of domains that take mail and have a record.
enum PairColumn: String, CaseIterable, Sendable {
    case records = "domains"
    case policies
    case mismatch
    case allMismatch = "all_mismatch"
    case badCertificate = "bad_certificate"
    case refused

    /// The columns as tables have them.
    static let columns = allCases.map {
        StatsTable.Column($0.rawValue, $0.meaning, of: $0.whole.map { .column($0.rawValue) })
    }

    private var whole: PairColumn? {
        switch self {
        case .records: nil
        case .policies, .badCertificate, .refused: .records
        case .mismatch, .allMismatch: .policies
        }
    }

    private var meaning: String {
        switch self {
        case .records: "Domains that take mail and have a record, valid or not."
        case .policies: "Those with a valid policy behind a valid record."
        case .mismatch: "Those whose policy names not all of the hosts."
        case .allMismatch: "Those whose policy names none of the hosts."
        case .badCertificate: "Those with some host that shows a bad certificate."
        case .refused: "Those whose verdict is refused."
        }
    }

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
