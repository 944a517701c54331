internal import Judgement
internal import MTASTS

extension OutcomeTotals {
    /// From the lines of the list to protected domains, each stage with its denominator.
    var funnel: StatsTable {
        let stages = FunnelStage.allCases
        let counts = Dictionary(uniqueKeysWithValues: stages.map { ($0, count($0.has)) })
        return StatsTable(
            "funnel", "From the list to protected mail",
            note: "Each stage is a part of the one that stands under `of`.",
            labels: [
                .init(
                    "stage", "The stage.",
                    values: stages.map { ($0.rawValue, $0.meaning) }),
                .init("of", "The stage that it is a part of; empty for the first."),
            ],
            columns: [
                .init("domains", "Domains at the stage.", of: .column("of_domains")),
                .init("of_domains", "Domains at the stage under `of`."),
            ],
            shares: ["domains"],
            rows: stages.map { stage in
                let count = counts[stage] ?? 0
                return .init(
                    [stage.rawValue, stage.whole?.rawValue ?? ""],
                    [count, stage.whole.flatMap { counts[$0] } ?? count])
            })
    }

    /// What becomes of mail.
    var verdicts: StatsTable {
        StatsTable(
            "verdicts", "What becomes of mail",
            note: "From a sender that keeps to the RFCs, and from Postfix before 3.10.5, fed by "
                + "postfix-tlspol.",
            labels: [.verdict],
            columns: [
                .init("domains", "Domains with the verdict.", of: .base),
                .init(
                    "from_postfix",
                    "Domains with the verdict for Postfix before 3.10.5, fed by postfix-tlspol.",
                    of: .base),
            ], base: scannedBase,
            rows: Verdict.allCases.map { verdict in
                .init(
                    [verdict.rawValue],
                    [count { $0.verdict == verdict }, count { $0.postfixVerdict == verdict }])
            })
    }

    /// Why.
    var reasons: StatsTable {
        let rows = Verdict.allCases.flatMap { verdict in
            VerdictReason.allCases.map { reason in
                StatsTable.Row(
                    [verdict.rawValue, reason.rawValue],
                    [count { $0.verdict == verdict && $0.reason == reason }])
            }
        }
        return StatsTable(
            "reasons", "Why",
            labels: [
                .verdict,
                .init("reason", "The reason for the verdict.", of: VerdictReason.self),
            ],
            columns: [.init("domains", "Domains with both.", of: .base)],
            base: scannedBase, rows: rows
        ).dropZeros().sorted()
    }

    /// Domains whose protection depends on the sender.
    var senders: StatsTable {
        let rows = Verdict.allCases.flatMap { verdict in
            Verdict.allCases.map { postfix in
                StatsTable.Row(
                    [verdict.rawValue, postfix.rawValue],
                    [
                        count {
                            $0.dependsOnSender && $0.verdict == verdict
                                && $0.postfixVerdict == postfix
                        }
                    ])
            }
        }
        return StatsTable(
            "senders", "Domains whose protection depends on the sender",
            labels: [
                .verdict,
                .init(
                    "postfix_verdict",
                    "What becomes of mail from Postfix before 3.10.5, fed by postfix-tlspol.",
                    of: Verdict.self),
            ],
            columns: [.init("domains", "Domains with both.", of: .base)], base: scannedBase,
            rows: rows
        ).dropZeros().sorted()
    }

    /// What becomes of mail from each sender.
    var senderVerdicts: StatsTable {
        let judged: (DomainOutcomes) -> Bool = { !$0.senderVerdicts.isEmpty }
        return StatsTable(
            "sender_verdicts", "Protected for which senders",
            note: "What each sender does is data that was taken from its source.",
            labels: [.init("sender", "The sender.", of: Sender.self)],
            columns: [
                .init(
                    "protected", "Domains protected by MTA-STS or DANE for it.", of: .base)
            ] + StatsTable.Column.each(Verdict.self, of: .base),
            base: .init(words: "domains judged for each sender", count: count(judged)),
            brief: [0, 1, 2, 3, 4, 7],
            rows: Sender.allCases.map { sender in
                let counts = Verdict.allCases.map { verdict in
                    count { $0.senderVerdicts[sender] == verdict }
                }
                let protected = count {
                    [.protectedDANE, .protectedSTS].contains($0.senderVerdicts[sender])
                }
                return .init([sender.rawValue], [protected] + counts)
            })
    }

    /// Adoption by mode, and the verdicts.
    var modes: StatsTable {
        StatsTable(
            "modes", "Valid policies by mode",
            note: "Policies behind a valid record: no sender fetches others.",
            labels: [.init("mode", "The mode of the policy.", of: Mode.self)],
            columns: [
                .init("domains", "Domains with such a policy.", of: .base)
            ] + StatsTable.Column.each(Verdict.self, of: .column("domains")), base: policyBase,
            rows: rows(
                by: Mode.self, { $0.mode == $1 },
                [{ _ in true }] + Verdict.allCases.map { verdict in { $0.verdict == verdict } }))
    }
}

/// A stage on the way from the list to protected mail.
private enum FunnelStage: String, CaseIterable {
    case lines
    case scanned
    case answered
    case hasMail = "has_mail"
    case hasRecord = "has_record"
    case recordValid = "record_valid"
    case hasPolicy = "has_policy"
    case enforce
    case testing
    case none
    case enforceProtected = "enforce_protected"
    case verdictKnown = "verdict_known"
    case protected
    case policyUnused = "policy_unused"
    case recordWithoutMail = "record_without_mail"

    /// The stage that it is a part of; nil for the first.
    var whole: FunnelStage? {
        switch self {
        case .lines: nil
        case .scanned: .lines
        case .answered, .verdictKnown, .recordWithoutMail: .scanned
        case .hasMail: .answered
        case .hasRecord: .hasMail
        case .recordValid, .policyUnused: .hasRecord
        case .hasPolicy: .recordValid
        case .enforce, .testing, .none: .hasPolicy
        case .enforceProtected: .enforce
        case .protected: .verdictKnown
        }
    }

    var meaning: String {
        switch self {
        case .lines: "Lines of the list that stand for a domain."
        case .scanned: "Those that name a domain, which was looked up."
        case .answered: "The question for MX was answered, by a denial too."
        case .hasMail: "Mail goes somewhere."
        case .hasRecord: "There is an MTA-STS record, valid or not."
        case .recordValid: "The record is valid (RFC 8461 §3.1)."
        case .hasPolicy: "The policy behind the valid record is valid (RFC 8461 §3.2)."
        case .enforce: "That policy is in mode enforce."
        case .testing: "That policy is in mode testing."
        case .none: "That policy is in mode none."
        case .enforceProtected: "Enforced, and mail is protected by MTA-STS or DANE."
        case .verdictKnown: "It is known what becomes of mail."
        case .protected: "Mail is protected by MTA-STS or DANE."
        case .policyUnused: "A valid policy, behind a record that is not: no sender fetches it."
        case .recordWithoutMail: "There is a record, and no mail goes anywhere."
        }
    }

    func has(_ domain: DomainOutcomes) -> Bool {
        switch self {
        case .lines: true
        case .scanned: domain.isScanned
        case .answered: domain.isScanned && domain.isAnswered
        case .verdictKnown: domain.verdict != nil && domain.verdict != .unknown
        case .protected: domain.isProtected
        case .recordWithoutMail: domain.hasRecord && !domain.takesMail
        default: domain.takesMail && hasOfMail(domain)
        }
    }

    private func hasOfMail(_ domain: DomainOutcomes) -> Bool {
        switch self {
        case .hasRecord: domain.hasRecord
        case .recordValid: domain.record == .ok
        case .hasPolicy: domain.hasPolicy
        case .enforce: domain.mode == .enforce
        case .testing: domain.mode == .testing
        case .none: domain.mode == Mode.none
        case .enforceProtected: domain.mode == .enforce && domain.isProtected
        case .policyUnused: domain.record != .ok && domain.policy == .ok
        default: true
        }
    }
}

extension StatsTable.Label {
    fileprivate static let verdict = Self(
        "verdict", "What becomes of mail from a sender that keeps to the RFCs.", of: Verdict.self)
}
