internal import DNS

/// The value of a Content-Type (RFC 9110 §8.3.1), as leniently as programs take it apart.
struct MediaType {
    /// The encodings that matter: in all others that are known here, ASCII is itself.
    enum Encoding { case ascii, utf8, utf8WithMark, singleOctets }

    /// What stands before the parameters, without white space around it.
    let name: ArraySlice<UInt8>
    private let parameters: ArraySlice<UInt8>

    init(_ value: [UInt8]) {
        let end = value.firstIndex(of: UInt8(ascii: ";")) ?? value.endIndex
        name = value[..<end].trimmed
        parameters = value[end...]
    }

    /// The value of the parameter `charset`, without quotes; nil where it is not there.
    var charset: ArraySlice<UInt8>? {
        for part in parameters.split(separator: UInt8(ascii: ";")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard pair.first?.trimmed.spells(ignoringCase: "charset") == true else { continue }
            let value = pair.dropFirst().first?.trimmed ?? []
            let quote = UInt8(ascii: "\"")
            return value.first == quote ? value.dropFirst().prefix { $0 != quote } : value
        }
        return nil
    }

    /// Whether each parameter is a name, an equals sign and a value, and none says two things.
    ///
    /// As Go's `mime.ParseMediaType` has it: a semicolon may end the value.
    var hasGoodParameters: Bool {
        var rest = parameters
        var known: [[UInt8]: [UInt8]] = [:]
        while !rest.trimmed.isEmpty {
            rest = rest.trimmed.dropFirst().drop(while: \.isWhitespace)
            if rest.isEmpty { return true }
            let key = rest.prefix(while: isTokenOctet).map(\.lowercased)
            rest = rest.dropFirst(key.count).drop(while: \.isWhitespace)
            guard !key.isEmpty, rest.popFirst() == UInt8(ascii: "=") else { return false }
            rest = rest.drop(while: \.isWhitespace)
            guard let value = takeValue(&rest), known[key, default: value] == value else {
                return false
            }
            known[key] = value
            let next = rest.drop(while: \.isWhitespace)
            guard next.isEmpty || next.first == UInt8(ascii: ";") else { return false }
        }
        return true
    }

    /// The text of octets in the charset, or in `other` where none is said.
    ///
    /// As Python decodes them: nil for a charset that it does not have, and for other octets.
    func decode(_ octets: [UInt8], withoutCharset other: Encoding) -> String? {
        let declared = charset.map { encodings[normalized($0)] }
        guard let encoding = declared ?? other else { return nil }
        switch encoding {
        case .ascii where octets.contains { $0 >= 0x80 }: return nil
        case .ascii, .utf8: return String(validating: octets, as: UTF8.self)
        case .utf8WithMark:
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            let text = octets.starts(with: mark) ? octets[3...] : octets[...]
            return String(validating: text, as: UTF8.self)
        case .singleOctets:
            return String(String.UnicodeScalarView(octets.map { Unicode.Scalar($0) }))
        }
    }
}

/// RFC 9110 §5.6.2.
private func isTokenOctet(_ octet: UInt8) -> Bool {
    octet.isAlphanumeric || "!#$%&'*+-.^_`|~".utf8.contains(octet)
}

/// A token or a quoted string (RFC 9110 §5.6.4) from the front; nil where there is neither.
private func takeValue(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
    guard rest.first == UInt8(ascii: "\"") else {
        let token = Array(rest.prefix(while: isTokenOctet))
        rest = rest.dropFirst(token.count)
        return token.isEmpty ? nil : token
    }
    rest = rest.dropFirst()
    var value: [UInt8] = []
    while let octet = rest.popFirst() {
        if octet == UInt8(ascii: "\"") { return value }
        guard octet == UInt8(ascii: "\\") else {
            value.append(octet)
            continue
        }
        guard let escaped = rest.popFirst() else { return nil }
        value.append(escaped)
    }
    return nil
}

private func normalized(_ charset: ArraySlice<UInt8>) -> String {
    let octets = charset.map { octet in
        let isSeparator = octet == UInt8(ascii: "_") || octet == UInt8(ascii: " ")
        return isSeparator ? UInt8(ascii: "-") : octet.lowercased
    }
    return String(decoding: octets, as: UTF8.self)
}

/// The names of charsets that policies are served with; Python knows each, as it does more.
private let encodings: [String: MediaType.Encoding] = [
    "ascii": .ascii, "us-ascii": .ascii, "646": .ascii, "ansi-x3.4-1968": .ascii,
    "utf-8": .utf8, "utf8": .utf8, "u8": .utf8, "cp65001": .utf8, "utf-8-sig": .utf8WithMark,
    "iso-8859-1": .singleOctets, "iso8859-1": .singleOctets, "latin-1": .singleOctets,
    "latin1": .singleOctets, "iso-8859-2": .singleOctets, "iso-8859-15": .singleOctets,
    "windows-1250": .singleOctets, "windows-1251": .singleOctets, "windows-1252": .singleOctets,
    "cp1252": .singleOctets, "cp1251": .singleOctets, "koi8-r": .singleOctets,
    "gb2312": .singleOctets, "gbk": .singleOctets, "gb18030": .singleOctets,
    "big5": .singleOctets, "shift-jis": .singleOctets, "euc-jp": .singleOctets,
    "euc-kr": .singleOctets,
]

extension ArraySlice<UInt8> {
    /// Without blanks and tabs at both ends.
    fileprivate var trimmed: ArraySlice<UInt8> {
        drop(while: \.isWhitespace).droppingTrailingWhitespace
    }
}
