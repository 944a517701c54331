internal import DNS

/// One URI of a rua field: where it breaks the rules, and whether reports can go there.
struct ReportURI {
    /// The first octet at fault; nil where the URI is one.
    let fault: Int?
    /// Whether the scheme is one that RFC 8460 §3 knows: mailto or https.
    let isSupported: Bool

    /// RFC 8460 §3: `tlsrpt-uri = URI`, with commas, exclamation points and semicolons encoded.
    init(_ text: ArraySlice<UInt8>) {
        guard let colon = text.firstIndex(of: UInt8(ascii: ":")),
            isScheme(text[..<colon])
        else {
            (fault, isSupported) = (text.startIndex, false)
            return
        }
        let scheme = text[..<colon]
        let rest = text[(colon + 1)...]
        let isMail = scheme.spells(ignoringCase: "mailto")
        let isHTTPS = scheme.spells(ignoringCase: "https")
        isSupported = isMail || isHTTPS
        if let offset = octetFault(rest) {
            fault = offset
        } else if isMail && !isMailto(rest) || isHTTPS && !hasAuthority(rest) {
            fault = rest.startIndex
        } else {
            fault = nil
        }
    }
}

/// RFC 3986 §3.1: `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`.
private func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    guard let first = text.first, first.lowercased.isLowercase else { return false }
    return text.allSatisfy { $0.isAlphanumeric || "+-.".utf8.contains($0) }
}

/// RFC 3986 §2: the first octet that is neither a character of URIs nor `%` and two hex digits.
private func octetFault(_ text: ArraySlice<UInt8>) -> Int? {
    let marks = "-._~:/?#[]@$&'()*+=".utf8
    var position = text.startIndex
    while position < text.endIndex {
        if text[position] == UInt8(ascii: "%") {
            let digits = text[(position + 1)...].prefix(2)
            guard digits.count == 2, digits.allSatisfy(isHexDigit) else { return position }
            position += 3
        } else {
            guard text[position].isAlphanumeric || marks.contains(text[position]) else {
                return position
            }
            position += 1
        }
    }
    return nil
}

private func isHexDigit(_ octet: UInt8) -> Bool {
    octet.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(octet.lowercased)
}

/// RFC 9110 §4.2.2: `//` and an authority (RFC 3986 §3.2) whose host is not empty.
private func hasAuthority(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.starts(with: "//".utf8) else { return false }
    let authority = text.dropFirst(2).prefix { !"/?#".utf8.contains($0) }
    let parts = authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
    guard parts.count <= 2, let place = parts.last else { return false }
    let isUserGood = parts.count == 1 || !parts[0].contains { "[]".utf8.contains($0) }
    return isUserGood && isHostAndPort(place)
}

/// RFC 3986 §3.2.2 and §3.2.3: `host [ ":" port ]`, an IP address of version 6 in brackets.
private func isHostAndPort(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first != UInt8(ascii: "[") else {
        guard let end = text.firstIndex(of: UInt8(ascii: "]")) else { return false }
        let isAddress = IPAddress(String(decoding: text[..<end].dropFirst(), as: UTF8.self)) != nil
        let rest = text[(end + 1)...]
        return isAddress && (rest.isEmpty || isPort(rest))
    }
    let host = text.prefix { $0 != UInt8(ascii: ":") }
    let rest = text[host.endIndex...]
    return !host.isEmpty && !host.contains { "[]".utf8.contains($0) }
        && (rest.isEmpty || isPort(rest))
}

/// `":" *DIGIT` (RFC 3986 §3.2.3).
private func isPort(_ text: ArraySlice<UInt8>) -> Bool {
    text.first == UInt8(ascii: ":") && text.dropFirst().allSatisfy(\.isDigit)
}
