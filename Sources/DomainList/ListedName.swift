internal import DNS

/// What stands around a name in a list and is taken off, since it is plain which name is meant.
public enum NameForm: String, CaseIterable, Comparable, Sendable {
    /// A URL, an origin, or a host with a path (RFC 3986 §3, RFC 6454 §4).
    case url
    /// A mailbox, of which the domain counts (RFC 5321 §4.1.2).
    case mailAddress = "mail_address"
    /// A wildcard such as `*.example.org` (RFC 4592).
    case wildcard
    /// A dot before the name, as lists of TLDs have it.
    case leadingDot = "leading_dot"
    /// A host with a port.
    case port
    /// Dots in brackets, as reports of incidents have them.
    case bracketedDots = "bracketed_dots"
    /// A name behind an address, as in `/etc/hosts`.
    case hostsFile = "hosts_file"
    /// A rule of a filter: `||example.org^` of Adblock, `address=/example.org/` of dnsmasq.
    case filterRule = "filter_rule"

    /// What a person calls entries of this form, as it follows a number.
    public var label: String {
        switch self {
        case .url: "URLs or origins"
        case .mailAddress: "mail addresses"
        case .wildcard: "wildcard names"
        case .leadingDot: "names with a leading dot"
        case .port: "names with a port"
        case .bracketedDots: "names with dots in brackets"
        case .hostsFile: "names behind an address"
        case .filterRule: "rules of a filter"
        }
    }

    /// The order of the declaration.
    public static func < (left: NameForm, right: NameForm) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// A name as a list has it.
struct ListedName {
    /// The name, or why there is none.
    var name: Result<DomainName, InvalidName>
    /// What was taken off; nil where it stands for itself.
    var form: NameForm?
    /// The name as it is written, without what was taken off; nil where that is all of it.
    var text: String?

    /// Whether it is written as an A-label (RFC 5890 §2.3.2.1), which nothing else looks like.
    private let isALabel: Bool

    /// What can stand around what stands around a name.
    private static let layersMax = 5
    /// Longer cells are no URL.
    private static let bytesMax = 8192

    /// The name in a cell without blanks at its ends; `text`, where given, is what the bytes say.
    init(_ bytes: Span<UInt8>, text: String? = nil) {
        isALabel =
            bytes.count > 4 && lowerCase(bytes[0]) == UInt8(ascii: "x")
            && lowerCase(bytes[1]) == UInt8(ascii: "n") && bytes[2] == UInt8(ascii: "-")
            && bytes[3] == UInt8(ascii: "-")
        do throws(InvalidName) {
            name = .success(try NameReader.name(from: bytes, text: text))
        } catch {
            name = .failure(error)
            if bytes.count <= Self.bytesMax { unwrap(string(bytes), error) }
        }
    }

    /// The name of a delegation, of which nothing but the label of a wildcard can be taken off.
    init(ofDelegation bytes: Span<UInt8>, text: String) {
        isALabel = false
        do throws(InvalidName) {
            name = .success(try NameReader.name(from: bytes, text: text))
        } catch {
            name = .failure(error)
            guard text.hasPrefix("*.") else { return }
            let inner = String(text.dropFirst(2))
            do throws(InvalidName) {
                name = .success(try NameReader.name(from: inner))
                (form, self.text) = (.wildcard, inner)
            } catch {
                name = .failure(error)
            }
        }
    }

    /// Takes off what stands around the name in a cell that is no name as it stands.
    private mutating func unwrap(_ text: String, _ fault: InvalidName) {
        guard fault.reason != .notUTF8 else { return }
        var inner = text[...]
        for _ in 0..<Self.layersMax {
            guard let (rest, layer) = Self.withoutLayer(inner), !rest.isEmpty else { return }
            inner = rest
            form = form ?? layer
            do throws(InvalidName) {
                name = .success(try NameReader.name(from: String(inner)))
                self.text = String(inner)
                return
            } catch {
                // Why the name within is none says more.
                name = .failure(error)
            }
        }
    }

    private typealias Layer = (rest: Substring, form: NameForm?)

    /// The text without what stands around it; nil where nothing does.
    private static func withoutLayer(_ text: Substring) -> Layer? {
        withoutInvisible(text) ?? withoutComment(text) ?? withoutQuotes(text) ?? link(text)
            ?? filterRule(text) ?? authority(of: text) ?? mailDomain(of: text)
            ?? withoutPrefix(text) ?? withoutBrackets(text) ?? host(of: text)
    }

    /// Blanks of any kind, and marks that nobody sees, as texts have them that were copied.
    private static func withoutInvisible(_ text: Substring) -> Layer? {
        func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
            scalar.properties.isWhitespace || scalar.properties.generalCategory == .format
        }
        var scalars = text.unicodeScalars
        while let first = scalars.first, isInvisible(first) { scalars.removeFirst() }
        while let last = scalars.last, isInvisible(last) { scalars.removeLast() }
        let isSame = scalars.count == text.unicodeScalars.count
        return isSame ? nil : (Substring(scalars), nil)
    }

    /// The target of a link in Markdown: `[text](https://example.org/)`.
    private static func link(_ text: Substring) -> Layer? {
        guard text.hasPrefix("["), text.hasSuffix(")"), let mark = text.firstRange(of: "](") else {
            return nil
        }
        return (text[mark.upperBound...].dropLast(), .url)
    }

    /// The name that a filter blocks; none of a rule for a part of a site.
    private static func filterRule(_ text: Substring) -> Layer? {
        if text.hasPrefix("||") {
            let name = text.dropFirst(2).prefix { !"^$".contains($0) }
            return (name, .filterRule)
        }
        for key in ["address=/", "local=/", "server=/"] where text.hasPrefix(key) {
            return (text.dropFirst(key.count).prefix { $0 != "/" }, .filterRule)
        }
        return nil
    }

    /// A `#` after a blank begins a comment; a comma or a semicolon may end a line.
    private static func withoutComment(_ text: Substring) -> Layer? {
        if let last = text.last, last == "," || last == ";" {
            return (trimmed(text.dropLast()), nil)
        }
        var index = text.startIndex
        while let mark = text[index...].firstIndex(of: "#") {
            if mark > text.startIndex, text[text.index(before: mark)].isWhitespace {
                return (trimmed(text[..<mark]), nil)
            }
            index = text.index(after: mark)
        }
        return nil
    }

    private static let quotes = [
        ("\"", "\""), ("'", "'"), ("`", "`"), ("<", ">"), ("“", "”"), ("„", "“"), ("‘", "’"),
        ("«", "»"), ("»", "«"), ("(", ")"),
    ]

    private static func withoutQuotes(_ text: Substring) -> Layer? {
        // Spreadsheets write ="x" for a text that is to stay as it is.
        let text = text.hasPrefix("=\"") ? text.dropFirst() : text
        for (open, close) in quotes {
            guard text.count >= 2, text.hasPrefix(open), text.hasSuffix(close) else { continue }
            let inner = trimmed(text.dropFirst().dropLast())
            // A word in angle brackets is an element of HTML, one in parentheses a remark.
            let isQuoted = open != "<" && open != "("
            return isQuoted || inner.contains(".") ? (inner, nil) : nil
        }
        return nil
    }

    /// The host of a URL (RFC 3986 §3.2).
    private static func authority(of text: Substring) -> Layer? {
        let rest: Substring
        if text.hasPrefix("//") {
            rest = text.dropFirst(2)
        } else if let mark = text.firstRange(of: "://"), mark.lowerBound > text.startIndex,
            text[..<mark.lowerBound].utf8.allSatisfy(isSchemeCharacter)
        {
            rest = text[mark.upperBound...]
        } else {
            return nil
        }
        var host = rest.prefix { !"/?#\\".contains($0) }
        if let at = host.lastIndex(of: "@") { host = host[host.index(after: at)...] }
        host = withoutPort(host) ?? host
        return (percentDecoded(host) ?? host, .url)
    }

    /// A name whose octets are written as `%C3%BC` (RFC 3986 §3.2.2); nil for any other.
    private static func percentDecoded(_ host: Substring) -> Substring? {
        guard host.contains("%"), !host.hasPrefix("[") else { return nil }
        var bytes: [UInt8] = []
        var rest = host.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            guard digits.utf8.count == 2, let octet = UInt8(digits, radix: 16) else { return nil }
            bytes.append(octet)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self).map { $0[...] }
    }

    private static func isSchemeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"),
            UInt8(ascii: "."):
            true
        default: false
        }
    }

    /// The domain of one mailbox, with a name before it or not (RFC 5322 §3.4).
    private static func mailDomain(of text: Substring) -> Layer? {
        var address = text
        if address.lowercased().hasPrefix("mailto:") {
            address = address.dropFirst(7).prefix { $0 != "?" }
        }
        // RFC 5322 §3.2.2: a comment may follow.
        if address.hasSuffix(")"), let open = address.lastIndex(of: "(") {
            address = trimmed(address[..<open])
        }
        if let open = address.lastIndex(of: "<"), address.hasSuffix(">") {
            address = address[address.index(after: open)...].dropLast()
        }
        guard let at = address.lastIndex(of: "@") else { return nil }
        let local = trimmed(address[..<at])
        guard isQuoted(local) || !local.contains("@") && isLocalPart(local) else { return nil }
        return (trimmed(address[address.index(after: at)...]), .mailAddress)
    }

    /// Whether a text can stand before the `@` (RFC 5321 §4.1.2).
    ///
    /// A row of a table that ends with an address is no address: what separates cells is no part of
    /// one, unless all of it is quoted.
    private static func isLocalPart(_ text: Substring) -> Bool {
        text.allSatisfy { !$0.isWhitespace && !",;|\"".contains($0) }
    }

    private static func isQuoted(_ text: Substring) -> Bool {
        text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"")
            && !text.dropFirst().dropLast().contains("\"")
    }

    private static func withoutPrefix(_ text: Substring) -> Layer? {
        if text.hasPrefix("*.") { return (text.dropFirst(2), .wildcard) }
        guard text.hasPrefix("."), !text.hasPrefix("..") else { return nil }
        return (text.dropFirst(), .leadingDot)
    }

    private static func withoutBrackets(_ text: Substring) -> Layer? {
        guard text.utf8.contains(where: "[({".utf8.contains) else { return nil }
        var plain = text
        for (open, close) in [("[", "]"), ("(", ")"), ("{", "}")] {
            for word in [".", "dot", "DOT"] {
                for blank in [" ", ""] {
                    plain = plain.replacing("\(blank)\(open)\(word)\(close)\(blank)", with: ".")
                }
            }
            for word in ["@", "at", "AT"] {
                plain = plain.replacing("\(open)\(word)\(close)", with: "@")
            }
        }
        return plain == text ? nil : (plain, .bracketedDots)
    }

    /// The host before a path or a port; without a dot it may be anything.
    private static func host(of text: Substring) -> Layer? {
        let host = text.prefix { !"/?#".contains($0) }
        if host.count < text.count {
            return host.contains(".") ? (withoutPort(host) ?? host, .url) : nil
        }
        return withoutPort(text).flatMap { $0.contains(".") ? ($0, .port) : nil }
    }

    private static func withoutPort(_ text: Substring) -> Substring? {
        guard let colon = text.lastIndex(of: ":"),
            !text[..<colon].contains(":") || text[..<colon].hasSuffix("]")
        else { return nil }
        let port = text[text.index(after: colon)...]
        return port.count <= 5 && port.utf8.allSatisfy(isDigit) ? text[..<colon] : nil
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}

extension ListedName {
    /// How certain it is that a cell of a table names a domain.
    enum Likeness: Int, Comparable {
        /// It does not.
        case none
        /// One label: a TLD, or any word.
        case word
        /// A name with dots, an A-label, a URL, a mailbox.
        case domain

        static func < (left: Likeness, right: Likeness) -> Bool { left.rawValue < right.rawValue }
    }

    /// How certain it is that the cell names a domain.
    var likeness: Likeness {
        guard case .success(let name) = name, !name.isRoot else { return .none }
        if form != nil || isALabel { return .domain }
        let last = name.text.utf8.reversed().prefix { $0 != UInt8(ascii: ".") }
        guard last.count < name.text.utf8.count else { return .word }
        // An abbreviation such as "U.S." is no name of a domain.
        return last.count >= 2 ? .domain : .word
    }
}
