internal import Judgement
internal import MTASTS

extension OutcomeTotals {
    /// From the lines of the list to protected domains, each stage with its denominator.
    var funnel: StatsTable {
        let mail: (DomainOutcomes) -> Bool = { $0.takesMail }
        let record: (DomainOutcomes) -> Bool = { mail($0) && $0.hasRecord }
        let policy: (DomainOutcomes) -> Bool = { mail($0) && $0.hasPolicy }
        let enforce: (DomainOutcomes) -> Bool = { mail($0) && $0.mode == .enforce }
        let stages: [(stage: String, of: String, condition: (DomainOutcomes) -> Bool)] = [
            ("lines", "", { _ in true }), ("scanned", "lines", \.isScanned),
            ("answered", "scanned", \.isAnswered), ("has_mail", "answered", mail),
            ("has_record", "has_mail", record),
            ("record_valid", "has_record", { record($0) && $0.record == .ok }),
            ("has_policy", "has_record", policy), ("enforce", "has_policy", enforce),
            ("testing", "has_policy", { mail($0) && $0.mode == .testing }),
            ("none", "has_policy", { mail($0) && $0.mode == Mode.none }),
            ("enforce_protected", "enforce", { enforce($0) && $0.isProtected }),
            ("verdict_known", "scanned", { $0.verdict != nil && $0.verdict != .unknown }),
            ("protected", "verdict_known", \.isProtected),
            ("record_without_mail", "scanned", { $0.hasRecord && !mail($0) }),
        ]
        let counts = stages.map { count($0.condition) }
        return StatsTable(
            "funnel", "From the list to protected mail",
            note: "Each stage is a part of the one that stands under `of`.",
            labels: ["stage", "of"], columns: ["domains", "of_domains"],
            rows: zip(stages, counts).map { stage, count in
                let whole = stages.firstIndex { $0.stage == stage.of }.map { counts[$0] }
                return .init([stage.stage, stage.of], [count, whole ?? count])
            })
    }

    /// What becomes of mail.
    var verdicts: StatsTable {
        StatsTable(
            "verdicts", "What becomes of mail",
            note: "From a sender that keeps to the RFCs, and from Postfix before 3.10.5, fed by "
                + "postfix-tlspol.",
            labels: ["verdict"], columns: ["domains", "from_postfix"], base: scannedBase,
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
            "reasons", "Why", labels: ["verdict", "reason"], columns: ["domains"],
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
            labels: ["verdict", "postfix_verdict"], columns: ["domains"], base: scannedBase,
            rows: rows
        ).dropZeros().sorted()
    }

    /// What becomes of mail from each sender.
    var senderVerdicts: StatsTable {
        let judged: (DomainOutcomes) -> Bool = { !$0.senderVerdicts.isEmpty }
        return StatsTable(
            "sender_verdicts", "Protected for which senders",
            note: "What each sender does is data that was taken from its source.",
            labels: ["sender"], columns: ["protected"] + Verdict.allCases.map(\.rawValue),
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
            "modes", "Valid policies by mode", labels: ["mode"],
            columns: ["domains"] + Verdict.allCases.map(\.rawValue), base: policyBase,
            rows: rows(
                by: Mode.self, { $0.mode == $1 },
                [{ _ in true }] + Verdict.allCases.map { verdict in { $0.verdict == verdict } }))
    }

    /// Adoption by popularity.
    var ranks: StatsTable {
        StatsTable(
            "ranks", "Adoption by rank", labels: ["rank"], columns: AdoptionColumn.names,
            brief: AdoptionColumn.brief, share: AdoptionColumn.share,
            rows: rows(
                by: RankBucket.self, { $0.isScanned && $0.rank == $1 },
                AdoptionColumn.allCases.map { column in { column.counts($0) } }))
    }
}
