/// Which keys of a MaxMind DB say AS, name and country: found by what is there.
///
/// Databases of MaxMind, IPinfo, DB-IP and others name them differently.
struct NetworkKeys: Sendable {
    private let system: String?
    private let name: String?
    private let country: String?

    /// The keys that are known for each, the first that occurs counts.
    private static let systems = [
        "autonomous_system_number", "asn", "as_number", "asn.asn", "as.asn", "as.number",
        "traits.autonomous_system_number",
    ]
    private static let organizations = [
        "autonomous_system_organization", "as_name", "as_organization", "as_org", "asn.name",
        "as.name", "as.organization", "traits.autonomous_system_organization", "organization",
        "org", "name",
    ]
    private static let countries = [
        "country.iso_code", "country_code", "country_iso_code", "country",
        "registered_country.iso_code", "asn.country_code", "as.country",
    ]

    /// The keys of a database with these values; one that says neither AS nor country is refused
    /// with what it has.
    init(of seen: [String: LeafValue], _ path: String) throws(NetworkFileError) {
        let system = Self.systems.first { Self.number(seen[$0]) != nil }
        self.system = system
        name = system == nil ? nil : Self.organizations.first { Self.text(seen[$0]) != nil }
        country = Self.countries.first { Self.country(seen[$0]) != nil }
        guard self.system != nil || country != nil else {
            let keys = seen.keys.sorted()
            let shown = keys.prefix(12).joined(separator: ", ") + (keys.count > 12 ? ", …" : "")
            throw .refused(
                "\(path) is a MaxMind DB that says neither an AS nor a country; its keys are "
                    + (keys.isEmpty ? "none" : shown))
        }
    }

    /// The keys that are read.
    var names: [String] { [system, name, country].compactMap(\.self) }

    /// What values say.
    func facts(in values: [String: LeafValue]) -> NetworkFacts {
        NetworkFacts(
            systems: system.flatMap { Self.number(values[$0]) }.map { [$0] } ?? [],
            name: name.flatMap { Self.text(values[$0]) },
            country: country.flatMap { Self.country(values[$0]) })
    }

    /// An AS number, also as `AS64500`; 0 is none (RFC 7607).
    private static func number(_ value: LeafValue?) -> UInt32? {
        switch value {
        case .number(let number): UInt32(exactly: number).flatMap { $0 == 0 ? nil : $0 }
        case .text(let text):
            UInt32(text.uppercased().hasPrefix("AS") ? text.dropFirst(2) : text[...])
                .flatMap { $0 == 0 ? nil : $0 }
        default: nil
        }
    }

    private static func text(_ value: LeafValue?) -> String? {
        guard case .text(let text) = value, !text.isEmpty else { return nil }
        return text
    }

    /// A code of two letters.
    private static func country(_ value: LeafValue?) -> String? {
        guard let code = text(value), isCountryCode(code) else { return nil }
        return code.uppercased()
    }
}

/// Whether a text is a code of two letters, as ISO 3166-1 has them.
func isCountryCode(_ text: String) -> Bool {
    text.utf8.count == 2 && text.utf8.allSatisfy { 0x41...0x5A ~= $0 & 0xDF }
}
