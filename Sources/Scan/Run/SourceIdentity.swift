internal import DNS
internal import MXProbe

/// What DNS says of an address that the scan goes out from.
struct SourceIdentity: Sendable {
    /// The address.
    let address: IPAddress
    /// How the question for its reverse name ended.
    let reverseStatus: LookupStatus
    /// The reverse names, and the addresses of each.
    let names: [(name: DomainName, addresses: [IPAddress])]
    /// The addresses of the name that is given in EHLO.
    let ehloAddresses: [IPAddress]

    /// What the operator should mend; nil where all is well, or cannot be known.
    func warning(ehloName: String) -> String? {
        let practice = "many hosts turn such clients away"
        guard !address.isSpecialUse else {
            return """
                the scan goes out from \(address), which others see as another address: its \
                reverse name should resolve back to it, and is not checked here
                """
        }
        guard reverseStatus == .found else {
            guard reverseStatus.isAnswer else { return nil }
            return "\(address) has no reverse name (PTR): \(practice)"
        }
        let confirmed = names.filter { $0.addresses.contains(address) }
        guard !confirmed.isEmpty else {
            let first = names.first?.name.text ?? ""
            return "the reverse name \(first) does not resolve back to \(address): \(practice)"
        }
        guard !ehloAddresses.contains(address) else { return nil }
        return "the EHLO name '\(ehloName)' does not resolve to \(address): \(practice)"
    }
}

extension ScanContext {
    /// What the operator should repair, so that those who are contacted can find out who scans.
    func identityWarnings(_ options: ScanOptions) -> [String] {
        var warnings: [String] = []
        let missing = [
            options.contact == nil ? "--contact" : nil,
            options.isEHLONameGiven ? nil : "--ehlo-name",
        ].compactMap(\.self)
        if !missing.isEmpty {
            warnings.append(
                """
                no \(missing.joined(separator: ", no ")): those you contact cannot tell who scans. \
                Good practice asks for an address whose reverse name (PTR) resolves back to it, \
                that name as --ehlo-name, and as --contact a page that says what is done, by whom, \
                and how to opt out
                """)
        }
        if !options.probe.ehloName.contains(".") {
            warnings.append("EHLO name '\(options.probe.ehloName)' is not fully qualified")
        }
        for (isV4, family) in [(true, "IPv4"), (false, "IPv6")] {
            let isWanted = options.families == (isV4 ? .ipv4 : .ipv6)
            guard isWanted, !(isV4 ? contacts.hasIPv4 : contacts.hasIPv6) else { continue }
            warnings.append("there is no route to \(family) addresses, the only ones to contact")
        }
        return warnings + identities.compactMap { $0.warning(ehloName: options.probe.ehloName) }
    }
}
