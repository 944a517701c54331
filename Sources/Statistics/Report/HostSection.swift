extension Report {
    /// What hosts show of their TLS and of their certificates.
    var hosts: ReportSection {
        ReportSection(
            id: "hosts", title: "TLS and certificates of MX hosts",
            lead: "Each host counts once; domains by the host that a sender tries first.",
            cards: [
                card("TLS version", "host_versions"), card("Key exchange group", "host_groups"),
                card("REQUIRETLS", "host_requiretls"),
                card("Key", "host_keys"),
                card("Lifetime of the certificate", "host_lifetimes"),
                card("What is left of the lifetime", "host_lifetime_left"),
                card("Issued by", "host_issuers"),
                card("Issued by the authority", "host_authorities", isWide: true),
                microsoft,
            ])
    }

    private func card(
        _ title: String, _ name: String, isWide: Bool = false
    ) -> ReportSection.Card {
        var bars = bars(name, "plain")
        bars.head = title
        bars.extra = ["domains", "enforce"]
        return .init(title: title, isWide: isWide, bars: bars)
    }

    private var microsoft: ReportSection.Card {
        var bars = bars("microsoft_mx", "plain")
        bars.head = "names of the hosts"
        bars.extra = ["mx_secure", "dane", "records", "enforce", "mismatch", "protected_dane"]
        return .init(
            title: "Old and new names of Microsoft", note: table("microsoft_mx").note,
            isWide: true, bars: bars)
    }
}
