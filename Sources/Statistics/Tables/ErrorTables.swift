internal import Judgement
internal import MTASTS
internal import Observations
internal import TLSRPT

extension OutcomeTotals {
    /// Exclusive: the first failure.
    var firstFailures: StatsTable {
        let rows = FirstFailure.allCases.map { failure in
            StatsTable.Row(
                [failure.text],
                [
                    count { $0.firstFailure == failure },
                    count { $0.hasRecord && $0.firstFailure == failure },
                    count { $0.mode == .enforce && $0.firstFailure == failure },
                ])
        }
        return StatsTable(
            "first_failures", "The first failure",
            note: "Each domain counts once, by the first failure in the order a sender goes.",
            labels: [
                .init(
                    "first_failure", "The layer and the failure.",
                    values: FirstFailure.allCases.map { ($0.text, $0.meaning) })
            ],
            columns: [
                .init("domains", "Domains whose first failure it is.", of: .base), .withRecord,
                .enforce,
            ], base: scannedBase, rows: rows
        ).dropZeros().sorted()
    }

    /// Not exclusive: a domain counts in each row that applies.
    var misconfigurations: StatsTable {
        let all = Misconfiguration.allCases.filter { $0 != .any }
        return StatsTable(
            "misconfigurations", "Misconfigured domains",
            note: "A domain counts in every row it meets, and once under `any`; `first` counts it "
                + "once, where its first failure is.",
            labels: [
                .init(
                    "part", "The part that is wrong.",
                    values: Misconfiguration.allCases.map { ($0.rawValue, $0.meaning) })
            ],
            columns: [
                .init("domains", "Domains with a record, of which it is wrong.", of: .base),
                .init("first", "Those whose first failure it is.", of: .column("domains")),
                .enforce, .refused,
            ], base: recordBase,
            rows: Misconfiguration.allCases.map { part in
                let has: (DomainOutcomes) -> Bool = { profile in
                    part == .any
                        ? all.contains { $0.holds(of: profile) } : part.holds(of: profile)
                }
                return .init(
                    [part.rawValue],
                    [
                        count(has), count { has($0) && part.isFirst(of: $0) },
                        count { has($0) && $0.mode == .enforce },
                        count { has($0) && $0.verdict == .refused },
                    ])
            })
    }

    /// The status of records.
    var records: StatsTable {
        StatsTable(
            "records", "MTA-STS records",
            labels: [
                .init(
                    "sts_record_status", "The status of the record.", of: STSRecordStatus.self)
            ],
            columns: [
                .init("domains", "Domains with this status.", of: .base),
                .init("with_mail", "Those that take mail.", of: .column("domains")),
            ], base: scannedBase,
            rows: rows(
                by: STSRecordStatus.self, { $0.record == $1 }, [{ _ in true }, \.takesMail]))
    }

    /// Bad certificates of MX hosts.
    var certificates: StatsTable {
        let has: (DomainOutcomes, CertificateStatus) -> Bool = { profile, error in
            error == .ok
                ? profile.badCertificates != .none : profile.certificateErrors.contains(error)
        }
        let conditions: [(DomainOutcomes) -> Bool] = [
            { _ in true }, \.hasRecord,
            { $0.hasRecord && $0.badCertificates == .all },
            { $0.hasRecord && $0.badCertificates == .partial },
            { $0.mode == .enforce && $0.badCertificates == .all },
            { $0.mode == .enforce && $0.badCertificates == .partial },
        ]
        let withRecord: StatsTable.Column.Whole = .column("with_record")
        var rows = rows(by: CertificateStatus.self, has, conditions)
        rows[0].labels = ["any"]
        return StatsTable(
            "mx_certificates", "Bad certificates of MX hosts",
            note: "All: every host that showed a certificate showed a bad one. A domain counts in "
                + "each row that one of its hosts gives, by the first error of the certificate.",
            labels: [
                .init(
                    "error", "The first error of the certificate; `any` for all.",
                    of: CertificateStatus.self)
            ],
            columns: [
                .init("domains", "Domains with such a host."), .withRecord,
                .init("all", "Those of whose hosts all show bad ones.", of: withRecord),
                .init("partial", "Those of whose hosts some show bad ones.", of: withRecord),
                .init("enforce_all", "`all` in mode enforce.", of: withRecord),
                .init("enforce_partial", "`partial` in mode enforce.", of: withRecord),
            ], rows: rows)
    }

    /// Hosts that no mx pattern matches.
    var mismatches: StatsTable {
        let unmatched: [(DomainOutcomes) -> Bool] = [
            { $0.mismatches != .none }, { $0.mismatches == .all },
            { $0.mismatches == .partial }, { $0.mismatches != .none && $0.mode == .enforce },
            { $0.mismatches != .none && $0.mode == .testing },
        ]
        let all: StatsTable.Column.Whole = .column("domains")
        let any = StatsTable.Row(["any"], unmatched.map(count))
        return StatsTable(
            "mx_mismatches", "MX hosts that the policy does not name",
            note: "A domain counts in each row that one of its hosts gives.",
            labels: [
                .init(
                    "near_miss", "How near a pattern comes to the host; `any` for all.",
                    of: NearMiss.self)
            ],
            columns: [
                .init("domains", "Domains with a valid policy and such a host.", of: .base),
                .init("all", "Those of whose hosts none is named.", of: all),
                .init("partial", "Those of whose hosts some are named.", of: all), .enforce,
                .init("testing", "Those in mode testing.", of: all),
            ], base: policyBase,
            rows: [any] + rows(by: NearMiss.self, { $0.nearMisses.contains($1) }, unmatched))
    }

    /// DANE, with MTA-STS and without.
    var dane: StatsTable {
        StatsTable(
            "dane", "DANE",
            labels: [
                .init("dane_status", "What DANE says of the domain.", of: DomainDANEStatus.self)
            ],
            columns: [
                .init("domains", "Domains that take mail, with this status.", of: .base),
                .withRecord, .withPolicy,
                .init(
                    "protected_dane", "Those whose verdict is protected_dane.",
                    of: .column("domains")),
            ],
            base: .init(words: "domains that take mail", count: count(\.takesMail)),
            rows: rows(
                by: DomainDANEStatus.self, { $0.takesMail && $0.dane == $1 },
                [{ _ in true }, \.hasRecord, \.hasPolicy, { $0.verdict == .protectedDANE }]))
    }

    /// TLSRPT, with MTA-STS and without.
    var tlsrpt: StatsTable {
        StatsTable(
            "tlsrpt", "TLSRPT records",
            labels: [
                .init("tlsrpt_status", "The status of the record.", of: TLSRPTStatus.self)
            ],
            columns: [
                .init("domains", "Domains with this status.", of: .base), .withRecord,
                .withPolicy,
            ], base: scannedBase,
            rows: rows(
                by: TLSRPTStatus.self, { $0.tlsrpt == $1 },
                [{ _ in true }, \.hasRecord, \.hasPolicy]))
    }

    /// What senders would report.
    var tlsrptResults: StatsTable {
        StatsTable(
            "tlsrpt_results", "What senders would report (RFC 8460 §4.3)",
            labels: [
                .init(
                    "tlsrpt_result", "The first result that senders would report.",
                    of: TLSRPTResult.self)
            ],
            columns: [
                .init("domains", "Domains with this result.", of: .base), .withRecord, .enforce,
            ], base: scannedBase,
            rows: rows(
                by: TLSRPTResult.self, { $0.tlsrptResult == $1 },
                [{ _ in true }, \.hasRecord, { $0.mode == .enforce }]))
    }
}

/// The parts of a deployment that can be wrong, as Ashiq and others (IMC 2025) divide them.
private enum Misconfiguration: String, CaseIterable {
    case any
    case record
    case policyRetrieval = "policy_retrieval"
    case policySyntax = "policy_syntax"
    case mxCertificate = "mx_certificate"
    case mxMismatch = "mx_mismatch"

    var meaning: String {
        switch self {
        case .any: "Something of the following."
        case .record: "The record is not valid."
        case .policyRetrieval: "The policy could not be fetched."
        case .policySyntax: "The text of the policy is not valid."
        case .mxCertificate: "A host shows a bad certificate."
        case .mxMismatch: "The policy does not name a host, whatever the record."
        }
    }

    func holds(of profile: DomainOutcomes) -> Bool {
        guard profile.hasRecord else { return false }
        switch self {
        case .any: return true
        case .record: return profile.record != .ok
        case .policyRetrieval: return ![nil, .ok, .notFetched].contains(profile.fetch)
        case .policySyntax: return profile.policy != nil && profile.policy != .ok
        case .mxCertificate: return profile.badCertificates != .none
        case .mxMismatch: return profile.unmatched != .none
        }
    }

    func isFirst(of profile: DomainOutcomes) -> Bool {
        switch (self, profile.firstFailure) {
        case (.any, let failure): failure != nil
        case (.record, .record), (.policyRetrieval, .policyFetch), (.policySyntax, .policy),
            (.mxCertificate, .certificate), (.mxMismatch, .mxMatch):
            true
        default: false
        }
    }
}

/// Not exclusive: everything found, a domain once for each finding.
func findingTable(
    _ findings: [DomainFacts.Finding: Int], of scanned: StatsTable.Base
) -> StatsTable {
    StatsTable(
        "findings", "Everything found",
        note: "Not exclusive: a domain counts once for each finding that it has.",
        labels: [
            .init("layer", "Where it was found.", of: SurveyFinding.Layer.self),
            .init("code", "What was found, as `explain` takes it after the layer."),
            .init("severity", "How much it weighs.", of: SurveyFinding.Severity.self),
        ],
        columns: [.init("domains", "Domains with the finding.", of: .base)], base: scanned,
        rows: findings.map {
            .init([$0.key.layer.rawValue, $0.key.code, $0.key.severity.rawValue], [$0.value])
        }
    ).sorted()
}

extension StatsTable.Column {
    fileprivate static let withRecord = Self(
        "with_record", "Those with an MTA-STS record, valid or not.", of: .column("domains"))
    fileprivate static let withPolicy = Self(
        "with_policy", "Those with a valid policy behind a valid record.", of: .column("domains"))
    fileprivate static let enforce = Self(
        "enforce", "Those with a valid policy in mode enforce.", of: .column("domains"))
    fileprivate static let refused = Self(
        "refused", "Those whose verdict is refused.", of: .column("domains"))
}
