internal import DNS

/// Whether one of a certificate's dNSNames stands for `host` (RFC 6125 §6.4).
func certificateNames(_ names: [String], match host: DomainName) -> Bool {
    names.contains { certificateName($0, matches: host) }
}

private func certificateName(_ name: String, matches host: DomainName) -> Bool {
    let presented = canonical(name)
    guard presented.hasPrefix("*.") else { return presented == host.text }
    // RFC 6125 §6.4.3: `*` is the whole leftmost label and stands for exactly one.
    guard let dot = host.text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return false }
    return presented.dropFirst() == host.text[dot...] && presented.dropFirst(2).contains(".")
}

/// A dNSName as it is compared: lower case, without the root's dot.
func canonical(_ name: String) -> Substring {
    let lower = name.lowercased()
    return lower.hasSuffix(".") ? lower.dropLast() : lower[...]
}
