internal import DNS

/// Whether what follows `mailto:` is one address, and header fields after a `?` (RFC 6068 §2).
///
/// Commas would separate several addresses, which RFC 8460 §3 wants encoded.
func isMailto(_ text: ArraySlice<UInt8>) -> Bool {
    let uri = text.prefix { $0 != UInt8(ascii: "#") }
    let address = uri.prefix { $0 != UInt8(ascii: "?") }
    let fields = uri[address.endIndex...].dropFirst()
    let hasFields = address.endIndex < uri.endIndex
    return isAddress(address) && (!hasFields || areHeaderFields(fields))
}

/// `addr-spec = local-part "@" domain`, each of them with percent-encoding where a URI needs it.
private func isAddress(_ text: ArraySlice<UInt8>) -> Bool {
    // RFC 6068 §2, 1: "/", "?", "#", "[", "]", "&", ";" and "=" are to be encoded.
    guard !text.contains(where: { "/[]&=".utf8.contains($0) }),
        let at = text.lastIndex(of: UInt8(ascii: "@"))
    else { return false }
    let local = withoutEncoding(text[..<at])
    let domain = withoutEncoding(text[(at + 1)...])
    return (isDotAtom(local) || isQuotedString(local)) && (isDotAtom(domain) || isLiteral(domain))
}

/// RFC 6068 §2: `hfields = "?" hfield *( "&" hfield )`, `hfield = hfname "=" hfvalue`.
private func areHeaderFields(_ text: ArraySlice<UInt8>) -> Bool {
    text.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false).allSatisfy { field in
        // Of the characters of URIs, qchar lacks these.
        field.count { $0 == UInt8(ascii: "=") } == 1
            && !field.contains { "/?[]&".utf8.contains($0) }
    }
}

/// RFC 5322 §3.2.3: `dot-atom-text = 1*atext *("." 1*atext)`; octets above ASCII are letters of
/// UTF-8 (RFC 6532 §3.2).
private func isDotAtom(_ text: [UInt8]) -> Bool {
    let marks = "!#$%&'*+-/=?^_`{|}~".utf8
    return text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).allSatisfy {
        !$0.isEmpty && $0.allSatisfy { $0.isAlphanumeric || marks.contains($0) || $0 >= 0x80 }
    }
}

/// RFC 5322 §3.2.4: visible characters and quoted pairs between quotation marks, without the white
/// space that RFC 6068 §2, 3 forbids.
private func isQuotedString(_ text: [UInt8]) -> Bool {
    let mark = UInt8(ascii: "\"")
    guard text.count >= 2, text.first == mark, text.last == mark else { return false }
    var rest = text.dropFirst().dropLast()
    while let octet = rest.popFirst() {
        if octet == UInt8(ascii: "\\") {
            guard let next = rest.popFirst(), next.isVisible else { return false }
        } else if octet == mark || !(octet.isVisible || octet >= 0x80) {
            return false
        }
    }
    return true
}

/// RFC 6068 §2: `"[" *dtext-no-obs "]"`.
private func isLiteral(_ text: [UInt8]) -> Bool {
    guard text.count >= 2, text.first == UInt8(ascii: "["), text.last == UInt8(ascii: "]") else {
        return false
    }
    return text.dropFirst().dropLast().allSatisfy { $0.isVisible && !"[]\\".utf8.contains($0) }
}

/// The octets that percent-encoding encodes (RFC 3986 §2.1); each percent sign has its digits.
private func withoutEncoding(_ text: ArraySlice<UInt8>) -> [UInt8] {
    var octets: [UInt8] = []
    var rest = text
    while let octet = rest.popFirst() {
        guard octet == UInt8(ascii: "%"),
            let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
        else {
            octets.append(octet)
            continue
        }
        octets.append(value)
        rest = rest.dropFirst(2)
    }
    return octets
}
