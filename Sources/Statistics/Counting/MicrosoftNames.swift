internal import Judgement
internal import MTASTS
internal import Observations

/// Under which names Microsoft takes a domain's mail: those of before, or those that new domains
/// have since July 2026, whose zone is signed.
enum MicrosoftNames: String, CaseIterable, Hashable, Sendable {
    /// `*.mail.protection.outlook.com` alone.
    case old
    /// `*.mx.microsoft` alone.
    case new
    /// Both, as while a domain moves.
    case both

    private static let oldSuffix = ".mail.protection.outlook.com"
    private static let newSuffix = ".mx.microsoft"

    /// The names among a domain's hosts; nil where there is none of either.
    init?(_ hosts: [DomainFacts.Host]) {
        let hasOld = hosts.contains { $0.name.hasSuffix(Self.oldSuffix) }
        let hasNew = hosts.contains { $0.name.hasSuffix(Self.newSuffix) }
        switch (hasOld, hasNew) {
        case (true, true): self = .both
        case (true, false): self = .old
        case (false, true): self = .new
        case (false, false): return nil
        }
    }

    /// The names as patterns.
    var words: String {
        switch self {
        case .old: "*" + Self.oldSuffix
        case .new: "*" + Self.newSuffix
        case .both: "both"
        }
    }
}

extension OutcomeTotals {
    /// Old and new names of Microsoft's MX hosts, with DNSSEC, TLSA and policies.
    var microsoft: StatsTable {
        let all: StatsTable.Column.Whole = .column("domains")
        let columns: [(StatsTable.Column, (DomainOutcomes) -> Bool)] = [
            (.init("domains", "Domains that take mail at such a host.", of: .base), { _ in true }),
            (.init("mx_secure", "Those whose MX records are validated.", of: all), \.isMXSecure),
            (
                .init("dane", "Those with usable TLSA at some host besides.", of: all),
                { AdoptionColumn.dane.counts($0) }
            ), (.init("records", "Those with a record, valid or not.", of: all), \.hasRecord),
            (
                .init("policies", "Those with a valid policy.", of: .column("records")),
                \.hasPolicy
            ),
            (
                .init("enforce", "Those in mode enforce.", of: .column("policies")),
                { $0.mode == .enforce }
            ),
            (
                .init(
                    "mismatch", "Those whose policy names not all hosts.",
                    of: .column("policies")), { $0.mismatches != .none }
            ),
            (
                .init("protected_dane", "Those whose verdict is protected_dane.", of: all),
                { $0.verdict == .protectedDANE }
            ),
            (
                .init("protected_sts", "Those whose verdict is protected_sts.", of: all),
                { $0.verdict == .protectedSTS }
            ),
            (
                .init("refused", "Those whose verdict is refused.", of: all),
                { $0.verdict == .refused }
            ),
        ]
        return StatsTable(
            "microsoft_mx", "Old and new names of Microsoft's MX hosts",
            note: "Domains that take mail at such a host. `mx_secure`: the MX RRset is validated; "
                + "`dane`: and a host has usable TLSA; `mismatch`: the policy does not name all "
                + "hosts.",
            labels: [
                .init("mx_names", "Under which names Microsoft takes the mail."),
                .init("words", "The names as patterns."),
            ], columns: columns.map(\.0),
            base: .init(words: "domains that take mail", count: count(\.takesMail)),
            rows: MicrosoftNames.allCases.map { names in
                .init(
                    [names.rawValue, names.words],
                    columns.map { column in count { $0.microsoft == names && column.1($0) } })
            })
    }
}
