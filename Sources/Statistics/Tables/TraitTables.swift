internal import Judgement

/// Tables of what hosts show, a row for each value: hosts count once, and beside them the domains
/// whose mail a sender takes to such a host first.
extension HostTraitTotals {
    private static let note =
        "Each host counts once; domains, those that take mail, by the host that a sender tries "
        + "first."

    /// Certificates by the organization of the authority that issued them.
    var issuers: StatsTable {
        table(
            "host_issuers", "MX hosts by the organization that issued the certificate",
            labels: [.organization], base: certificates
        ) { $0.certificate.map { [$0.organization] } }.sorted()
    }

    /// Certificates by the authority itself.
    var authorities: StatsTable {
        table(
            "host_authorities", "MX hosts by the authority that issued the certificate",
            labels: [.organization, .init("issuer", "The name of the authority.")],
            base: certificates
        ) { $0.certificate.map { [$0.organization, $0.issuer] } }.sorted()
    }

    /// Certificates by key.
    var keys: StatsTable {
        table(
            "host_keys", "MX hosts by the key of the certificate",
            labels: [
                .init("key_type", "The kind of the key."),
                .init("key_bits", "The size of the key in bits."),
            ], base: certificates
        ) { $0.certificate.map { [$0.keyType, "\($0.keyBits)"] } }.sorted()
    }

    /// Certificates by lifetime.
    var lifetimes: StatsTable {
        let sums = by { $0.certificate?.lifetime }
        return StatsTable(
            "host_lifetimes", "MX hosts by the lifetime of the certificate, in days",
            note: Self.note,
            labels: [
                .init("lifetime_days", "The lifetime in days, a range."),
                .init("words", "The range in words."),
            ],
            columns: HostTraitCounts.columns, base: certificates,
            rows: LifetimeBucket.allCases.map {
                .init([$0.rawValue, $0.words], sums[$0] ?? HostTraitCounts().row)
            })
    }

    /// Certificates by what is left of the lifetime.
    var remaining: StatsTable {
        let sums = by { $0.certificate?.left }
        return StatsTable(
            "host_lifetime_left", "MX hosts by what is left of the certificate's lifetime",
            note: "In percent of the lifetime, so that 3 of 6 days are as much as 45 of 90. "
                + Self.note,
            labels: [
                .init("percent_left", "The share of the lifetime that is left, in percent."),
                .init("words", "The range in words."),
            ], columns: HostTraitCounts.columns,
            base: certificates,
            rows: RemainingLifetime.allCases.map {
                .init([$0.rawValue, $0.words], sums[$0] ?? HostTraitCounts().row)
            })
    }

    /// Sessions by TLS version, old ones too.
    var versions: StatsTable {
        table("host_versions", "MX hosts by TLS version", labels: [.tlsVersion], base: all) {
            [$0.version ?? Self.none]
        }.sorted()
    }

    /// Sessions by key exchange group.
    var groups: StatsTable {
        table(
            "host_groups", "MX hosts by key exchange group",
            labels: [.init("tls_group", "The group; (none) where none was agreed on.")], base: all,
            note: "Of the groups that were offered, which the manifest has as "
                + "`tls.groups_offered`. "
        ) { [$0.group ?? Self.none] }.sorted()
    }

    /// Sessions by whether REQUIRETLS is offered (RFC 8689 §2).
    var requireTLS: StatsTable {
        let sums = by { $0.offersREQUIRETLS.map { "\($0)" } ?? Self.none }
        return StatsTable(
            "host_requiretls", "MX hosts by REQUIRETLS",
            note: "Offered in the reply to EHLO inside TLS; none where there is no such reply. "
                + Self.note,
            labels: [.init("requiretls", "Whether REQUIRETLS is offered inside TLS.")],
            columns: HostTraitCounts.columns, base: all,
            rows: ["true", "false", Self.none].map {
                .init([$0], sums[$0] ?? HostTraitCounts().row)
            })
    }

    /// Hosts by why their TLSA records are not met.
    var daneFailures: StatsTable {
        let sums = by(\.daneFailure)
        return StatsTable(
            "host_dane_failures", "MX hosts by why their TLSA records are not met",
            note: Self.note,
            labels: [
                .init("dane_failure", "Why TLSA records are not met.", of: DANEFailure.self)
            ], columns: HostTraitCounts.columns,
            base: .init(
                words: "hosts whose TLSA records are not met",
                count: hosts { $0.daneFailure != nil }),
            rows: DANEFailure.allCases.map {
                .init([$0.rawValue], sums[$0] ?? HostTraitCounts().row)
            })
    }

    private static let none = "(none)"

    private var all: StatsTable.Base { .init(words: "MX hosts", count: hosts { _ in true }) }

    private var certificates: StatsTable.Base {
        .init(
            words: "hosts that showed a certificate", count: hosts { $0.certificate != nil })
    }

    private func table(
        _ name: String, _ title: String, labels: [StatsTable.Label], base: StatsTable.Base,
        note: String = "", _ trait: (HostTraits) -> [String]?
    ) -> StatsTable {
        StatsTable(
            name, title, note: note + Self.note, labels: labels,
            columns: HostTraitCounts.columns, base: base,
            rows: by(trait).map { .init($0.key, $0.value) })
    }
}

extension StatsTable.Label {
    fileprivate static let organization = Self(
        "issuer_organization", "The organization of the authority that issued the certificate.")
}
