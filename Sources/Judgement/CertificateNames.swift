public import DNS
public import Observations

extension CertificateObservation {
    /// Whether a dNSName matches the host (RFC 6125 §6.4).
    ///
    /// Only then are the chain's faults faults for this host.
    public func isFor(_ host: DomainName) -> Bool {
        names.contains { certificateName($0, standsFor: host) }
    }

    /// Whether the certificate has one of the reference identifiers of DANE-TA.
    ///
    /// RFC 7672 §3.2.3: without any DNS-ID the subject's CN counts, for each of them.
    func bears(oneOf references: [DomainName]) -> Bool {
        presentedNames.contains { presented in
            references.contains { certificateName(presented, standsFor: $0) }
        }
    }

    /// The dNSNames; without any, the common names, which OpenSSL falls back to by default.
    var presentedNames: [String] { names.isEmpty ? commonNames(ofSubject: subject) : names }
}

/// Whether a name of a certificate matches `host`, octet by octet and by OpenSSL's rules for
/// wildcards, which Postfix uses.
///
/// Only letters of ASCII are compared without regard to case. Any other octet matches itself alone,
/// and so no host (RFC 5280 §7.2, RFC 6125 §6.4).
func certificateName(_ presented: String, standsFor host: DomainName) -> Bool {
    let name = presented.utf8
    let wanted = host.text.utf8
    // An escape in the text is an octet that no certificate's name for a host can have.
    guard !wanted.contains(UInt8(ascii: "\\")) else { return false }
    guard isWildcard(name) else {
        return name.count == wanted.count && areEqual(name[...], wanted[...])
    }
    // RFC 6125 §6.4.3: `*` is the whole leftmost label and matches exactly one.
    let suffix = name.dropFirst()
    let label = wanted.prefix(max(0, wanted.count - suffix.count))
    guard !label.isEmpty, areEqual(suffix, wanted[label.endIndex...]) else { return false }
    return label.allSatisfy(isLetterDigitHyphen) || label.elementsEqual("*".utf8)
}

/// Whether a name is `*` and at least two labels of letters, digits and inner hyphens.
func isWildcard(_ name: String.UTF8View) -> Bool {
    guard name.starts(with: "*.".utf8) else { return false }
    let labels = name.dropFirst(2).split(
        separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.count >= 2
        && labels.allSatisfy { label in
            let hyphen = UInt8(ascii: "-")
            return !label.isEmpty && label.first != hyphen && label.last != hyphen
                && label.allSatisfy(isLetterDigitHyphen)
        }
}

/// Whether two texts of the same length differ in the case of ASCII letters at most.
private func areEqual(_ name: Substring.UTF8View, _ other: Substring.UTF8View) -> Bool {
    name.elementsEqual(other) { $0.lowercased == $1.lowercased }
}

private func isLetterDigitHyphen(_ octet: UInt8) -> Bool {
    octet.isAlphanumeric || octet == UInt8(ascii: "-")
}

/// A name with its ASCII letters in lower case, and nothing else changed.
func inLowerCase(_ name: String) -> String {
    String(decoding: name.utf8.map(\.lowercased), as: UTF8.self)
}

/// The same as a domain's name, without the root's dot: to show what a name is near to.
func nearName(_ name: String) -> DomainName {
    let text = inLowerCase(name)
    return DomainName(canonical: text.hasSuffix(".") ? String(text.dropLast()) : text)
}
