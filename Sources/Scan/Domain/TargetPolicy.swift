internal import Blocklist
internal import DNS
internal import Observations
internal import Probe

/// Whom a loop may contact: what the machine and the options allow, less what the blocklist
/// excludes, which can be replaced while the scan runs.
final class TargetPolicy: Exclusions {
    private let rule: TargetRules
    /// What is excluded now.
    var blocklist: Blocklist

    init(_ rule: TargetRules, without blocklist: Blocklist) {
        self.rule = rule
        self.blocklist = blocklist
    }

    /// Whether the name may not be looked up.
    func excludes(_ name: DomainName) -> Bool { blocklist.excludes(name) }

    /// Why the address is not contacted; nil where it may be.
    ///
    /// What is excluded is also excluded through a NAT64 translator.
    func refusal(of address: IPAddress) -> ProbeStatus? {
        let isExcluded =
            blocklist.excludes(address)
            || address.translatedIPv4.map { blocklist.excludes($0) } == true
        return isExcluded ? .blocked : rule.refusal(of: address)
    }
}

/// Which addresses may be contacted, whatever is excluded.
struct TargetRules: Sendable {
    let allowsSpecialUse: Bool
    /// The families that the options allow.
    let families: AddressFamilies
    /// Whether there is a route to IPv4 addresses.
    let hasIPv4: Bool
    /// Whether there is a route to IPv6 addresses.
    let hasIPv6: Bool

    /// Why the address is not contacted; nil where it may be.
    func refusal(of address: IPAddress) -> ProbeStatus? {
        guard families.contains(address) else { return .notProbed }
        if address.isSpecialUse { return allowsSpecialUse ? nil : .notContacted }
        return address.isV4 ? hasIPv4 ? nil : .notProbed : hasIPv6 ? nil : .notProbed
    }
}

extension AddressFamilies {
    /// Whether addresses of this one's family are contacted.
    func contains(_ address: IPAddress) -> Bool { self != (address.isV4 ? .ipv6 : .ipv4) }
}
