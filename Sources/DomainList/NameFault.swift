public import DNS
internal import Glibc

/// Finds what is wrong with a text that is no domain name.
enum NameFault {
    /// What was written instead of a name: a URL, a mailbox, an address; nil where none of them.
    static func notADomain(_ text: String) -> InvalidName? {
        if text.contains("://") { return .init(.url, "\(quoted(text)) is a URL") }
        if text.contains("@") { return .init(.emailAddress, "\(quoted(text)) is a mailbox") }
        return isAddress(text) ? .init(.ipAddress, "\(quoted(text)) is an IP address") : nil
    }

    /// The first fault of an ASCII text that is no name.
    static func first(of text: String) -> InvalidName {
        let isAbsolute = text.utf8.count > 1 && text.hasSuffix(".")
        let name = isAbsolute ? text.dropLast() : text[...]
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            if let fault = fault(ofLabel: label, in: text) { return fault }
        }
        if name.utf8.count > ASCIIName.nameBytesMax {
            let count = name.utf8.count
            return .init(.nameTooLong, "\(quoted(text)) has \(count) bytes, 253 are allowed")
        }
        return .init(.numericTLD, "\(quoted(text)) ends in a number")
    }

    private static func fault(ofLabel label: Substring, in text: String) -> InvalidName? {
        if label.isEmpty { return .init(.emptyLabel, "\(quoted(text)) has an empty label") }
        if let bad = label.unicodeScalars.first(where: { !isAllowed($0) }) {
            return .init(.badCharacter, "\(quoted(text)) has \(shown(bad)) in it")
        }
        if label.utf8.count > ASCIIName.labelBytesMax {
            let count = label.utf8.count
            return .init(
                .labelTooLong, "a label of \(quoted(text)) has \(count) bytes, 63 are allowed")
        }
        guard label.hasPrefix("-") || label.hasSuffix("-") else { return nil }
        return .init(.badHyphen, "a label of \(quoted(text)) begins or ends with a hyphen")
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_": true
        default: false
        }
    }

    /// Whether the text is an IPv4 or IPv6 address, in brackets or not, with a zone or not.
    static func isAddress(_ text: String) -> Bool {
        var address = text[...]
        if address.hasPrefix("["), address.hasSuffix("]") {
            address = address.dropFirst().dropLast()
        } else if address.hasSuffix(".") {
            address = address.dropLast()
        }
        var bytes = in6_addr()
        if unsafe inet_pton(AF_INET, String(address), &bytes) == 1 { return true }
        return unsafe inet_pton(AF_INET6, String(address.prefix { $0 != "%" }), &bytes) == 1
    }

    private static func shown(_ scalar: Unicode.Scalar) -> String {
        if scalar.value > 0x20, scalar.value != 0x7F { return "the character “\(scalar)”" }
        if scalar == " " { return "a blank" }
        let hexadecimal = String(scalar.value, radix: 16, uppercase: true)
        return "the control character 0x\(hexadecimal)"
    }

    /// A value for a message: in quotation marks, and cut where it is very long.
    static func quoted(_ text: some StringProtocol) -> String {
        let shown = 80
        return text.count <= shown ? "“\(text)”" : "“\(text.prefix(shown))…”"
    }
}

extension InvalidName {
    init(_ reason: Reason, _ message: String) { self.init(reason: reason, message: message) }
}

/// Why an entry of a list is no domain name.
public struct InvalidName: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of entries that are no domain names.
    public typealias Reason = NameRejection

    /// The kind.
    public let reason: Reason

    /// A sentence for people that shows the value at fault.
    public let message: String

    /// The message.
    public var description: String { message }
}
