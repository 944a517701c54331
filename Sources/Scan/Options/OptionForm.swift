internal import DNS
internal import DomainList
internal import Judgement
internal import Records
internal import Resolver
internal import ScanFolder

/// What a shell offers where the value of an option is wanted.
public enum OptionCompletion: Equatable, Sendable {
    /// Nothing.
    case none
    /// Files.
    case file
    /// Folders.
    case folder
    /// One of these values.
    case words([String])
}

/// How the values of an option are written on the command line, in the checkpoint and in the
/// manifest.
struct OptionForm<Value: Equatable & Sendable>: Sendable {
    /// The placeholder of the value in help, with its unit; nil for a flag, which has none.
    var placeholder: String?
    /// Which values are allowed, as it follows "takes"; nil where any text is.
    var allowed: String?
    var completion = OptionCompletion.none
    /// Whether the option can be given several times: their texts are joined by commas.
    var isRepeatable = false
    /// The value of a text of the command line; nil where it is not allowed.
    var parse: @Sendable (String) -> Value?
    /// The text of a value on the command line; nil for that of an option left out.
    var text: @Sendable (Value) -> String?
    /// What the checkpoint holds; nil for no member.
    var stored: @Sendable (Value) -> OptionValue?
    /// The value of a member of the checkpoint, nil where that has none; nil where it is not of
    /// this form.
    var restore: @Sendable (OptionValue?) -> Value?
    /// What the manifest holds, where that is not what the checkpoint holds.
    var document: (@Sendable (Value) -> JSONDocument)?

    /// The same with another placeholder.
    func shown(as placeholder: String) -> OptionForm {
        var form = self
        form.placeholder = placeholder
        return form
    }

    /// The same with what a shell offers.
    func completed(by completion: OptionCompletion) -> OptionForm {
        var form = self
        form.completion = completion
        return form
    }
}

// MARK: - Flags, numbers and enumerations

extension OptionForm where Value == Bool {
    /// Given or not.
    static var flag: OptionForm {
        OptionForm(
            parse: { _ in nil }, text: { $0 ? "set" : "not set" }, stored: { .boolean($0) },
            restore: { $0?.truth })
    }
}

extension OptionForm where Value: FixedWidthInteger {
    /// A whole number in a range.
    static func number(_ range: ClosedRange<Value>) -> OptionForm {
        OptionForm(
            placeholder: "n", allowed: "\(range.lowerBound) to \(range.upperBound)",
            parse: { Value($0).flatMap { range.contains($0) ? $0 : nil } },
            text: { "\($0)" }, stored: { .integer(Int(clamping: $0)) },
            restore: { $0?.wholeNumber.flatMap { Value(exactly: $0) } })
    }
}

extension OptionForm where Value == UInt64 {
    /// A whole number of which 48 bits count.
    static var seed: OptionForm {
        OptionForm(
            placeholder: "n", allowed: "a whole number",
            parse: { UInt64($0).map { $0 & (1 << 48 - 1) } },
            text: { "\($0)" }, stored: { .integer(Int(clamping: $0)) },
            restore: { $0?.wholeNumber.flatMap { UInt64(exactly: $0) } })
    }
}

extension OptionForm where Value == Int {
    /// A time in a range of seconds, kept in milliseconds.
    static func seconds(_ range: ClosedRange<Double>) -> OptionForm {
        OptionForm(
            placeholder: "seconds",
            allowed: "\(plain(range.lowerBound)) to \(plain(range.upperBound)) seconds",
            parse: { Double($0).flatMap { range.contains($0) ? milliseconds($0) : nil } },
            text: { plain(Double($0) / 1000) }, stored: { .integer($0) },
            restore: { $0?.wholeNumber })
    }

    /// A size in mebibytes, kept in bytes.
    static func mebibytes(_ range: ClosedRange<Int>) -> OptionForm {
        OptionForm(
            placeholder: "MiB", allowed: "\(range.lowerBound) to \(range.upperBound) MiB",
            parse: { Int($0).flatMap { range.contains($0) ? $0 << 20 : nil } },
            text: { "\($0 >> 20)" }, stored: { .integer($0) }, restore: { $0?.wholeNumber })
    }
}

extension OptionForm where Value == Double {
    /// A number a second, 0 for no limit; the manifest has it in thousandths.
    static var rate: OptionForm {
        OptionForm(
            placeholder: "n/s", allowed: "0, or 0.01 to 1000000",
            parse: { Double($0).flatMap { $0 == 0 || (0.01...1e6).contains($0) ? $0 : nil } },
            text: plain, stored: { .number($0) }, restore: { $0?.real },
            document: { .integer(Int($0 * 1000)) })
    }

    /// A percentage, kept as a share of 0 to 1.
    static var percent: OptionForm {
        OptionForm(
            placeholder: "percent", allowed: "0 to 100 percent",
            parse: { Double($0).flatMap { (0...100).contains($0) ? $0 / 100 : nil } },
            text: { plain(($0 * 1e8).rounded() / 1e6) }, stored: { .number($0) },
            restore: { $0?.real })
    }
}

extension OptionForm where Value: CaseIterable & RawRepresentable, Value.RawValue == String {
    /// One of a few values.
    static func word(_ placeholder: String) -> OptionForm {
        let words = Value.allCases.map(\.rawValue)
        return OptionForm(
            placeholder: placeholder,
            allowed: words.dropLast().joined(separator: ", ") + " or \(words.last ?? "")",
            completion: .words(words), parse: { Value(rawValue: $0) }, text: { $0.rawValue },
            stored: { .string($0.rawValue) },
            restore: { $0?.text.flatMap { Value(rawValue: $0) } })
    }
}

extension OptionForm where Value == ListShard? {
    /// One of several shards of a list.
    static var shard: OptionForm {
        OptionForm(
            placeholder: "i/n", allowed: "i/n with i from 0 to n-1 and n up to 100000",
            parse: { ListShard($0).map { .some($0) } }, text: { $0?.description },
            stored: { $0.map { .string($0.description) } },
            restore: { value in
                guard let value, value != .null else { return .some(nil) }
                return value.text.flatMap { ListShard($0) }.map { .some($0) }
            },
            document: { $0.map { .string($0.description) } ?? .null })
    }
}

extension OptionForm where Value == ListFormat.Kind? {
    /// A layout of lists, or what is found by looking.
    static var listKind: OptionForm {
        let words = OptionForm<ListFormat.Kind>.word("layout")
        return OptionForm(
            placeholder: words.placeholder, allowed: words.allowed, completion: words.completion,
            parse: { words.parse($0).map { .some($0) } }, text: { $0?.rawValue },
            stored: { $0.map { .string($0.rawValue) } },
            restore: { value in
                guard let value, value != .null else { return .some(nil) }
                return words.restore(value).map { .some($0) }
            },
            document: { $0.map { .string($0.rawValue) } ?? .null })
    }
}

// MARK: - Texts and files

extension OptionForm where Value == String {
    /// Any text.
    static func text(_ placeholder: String) -> OptionForm {
        OptionForm(
            placeholder: placeholder, parse: { $0 }, text: { $0.isEmpty ? nil : $0 },
            stored: { .string($0) }, restore: { $0?.text })
    }
}

extension OptionForm where Value == String? {
    /// Any text, or none.
    static func text(_ placeholder: String) -> OptionForm {
        OptionForm(
            placeholder: placeholder, parse: { $0 }, text: { $0 },
            stored: { $0.map { .string($0) } },
            restore: { value in
                guard let value, value != .null else { return .some(nil) }
                return value.text
            },
            document: { $0.map { .string($0) } ?? .null })
    }

    /// The path of a file; the checkpoint has it from the root.
    static var file: OptionForm {
        var form = text("file").completed(by: .file)
        form.stored = { $0.map { .string(absolutePath($0)) } }
        return form
    }

    /// The path of a folder; the checkpoint has it from the root.
    static var folder: OptionForm { file.shown(as: "dir").completed(by: .folder) }
}

// MARK: - Names and contacts

extension OptionForm where Value == String {
    /// What a client can call itself in EHLO (RFC 5321 §4.1.1.1, §4.1.3).
    static var ehloName: OptionForm {
        var form = text("name")
        form.allowed = "a host name in ASCII, or an address such as [192.0.2.1]"
        form.parse = { isHostName($0) || isAddressLiteral($0) ? $0 : nil }
        return form
    }

    private static func isHostName(_ text: String) -> Bool {
        (try? NameReader.name(from: text))?.text == text.lowercased()
    }

    private static func isAddressLiteral(_ text: String) -> Bool {
        guard text.hasPrefix("["), text.hasSuffix("]") else { return false }
        let inner = text.dropFirst().dropLast()
        let isIPv6 = inner.lowercased().hasPrefix("ipv6:")
        return IPAddress(String(isIPv6 ? inner.dropFirst(5) : inner)) != nil
    }
}

extension OptionForm where Value == String? {
    /// The name of a domain, or of the root.
    static var domainName: OptionForm {
        var form = text("name")
        form.allowed = "a domain name"
        form.parse = { text in
            text == "." || (try? NameReader.name(from: text)) != nil ? .some(text) : nil
        }
        return form
    }

    /// A URL or a mail address, which stands in headers as it is.
    static var contact: OptionForm {
        var form = text("url-or-mail")
        form.allowed = "a URL or a mail address, in ASCII and without blanks"
        form.parse = { text in
            let isVisible = text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
            return isVisible && (text.contains("@") || text.contains("://")) ? .some(text) : nil
        }
        return form
    }
}

// MARK: - Addresses

extension OptionForm where Value == MetricsAddress? {
    /// An address of this machine with a port, or a port alone.
    static var metricsAddress: OptionForm {
        OptionForm(
            placeholder: "[address:]port", allowed: "a port, or an address and a port",
            parse: { MetricsAddress($0).map { .some($0) } }, text: { $0?.description },
            stored: { $0.map { .string($0.description) } },
            restore: { $0?.text.flatMap { MetricsAddress($0) } })
    }
}

extension OptionForm {
    /// A value that is separated by commas on the command line, and a list in JSON.
    private static func list<Element: CustomStringConvertible & Sendable>(
        _ placeholder: String, _ allowed: String,
        _ element: @escaping @Sendable (String) -> Element?
    ) -> OptionForm where Value == [Element] {
        OptionForm(
            placeholder: placeholder, allowed: allowed,
            parse: { all($0.split(separator: ",").map { element(String($0)) }) },
            text: { $0.isEmpty ? nil : $0.map(\.description).joined(separator: ",") },
            stored: { .array($0.map { .string($0.description) }) },
            restore: { $0?.elements.flatMap { all($0.map { $0.text.flatMap(element) }) } })
    }
}

extension OptionForm where Value == [String] {
    /// Texts.
    static func texts(_ placeholder: String, _ allowed: String) -> OptionForm {
        list(placeholder, allowed) { $0.isEmpty ? nil : $0 }
    }
}

extension OptionForm where Value == Assumptions {
    /// What an estimate assumes, by names; what is not named stays as it is.
    static var assumptions: OptionForm {
        let names = Assumptions.items.map(\.name).joined(separator: ", ")
        return OptionForm(
            placeholder: "name=value,…",
            allowed: "names with numbers, such as hosts=5000, separated by commas, of \(names)",
            isRepeatable: true,
            parse: { text in
                var assumptions = Assumptions()
                let parts = text.split(separator: ",", omittingEmptySubsequences: false)
                return parts.allSatisfy { assumptions.set($0) } ? assumptions : nil
            }, text: { _ in nil }, stored: { _ in nil }, restore: { _ in nil })
    }
}

extension OptionForm where Value == [Verdict] {
    /// Verdicts.
    static var verdicts: OptionForm {
        let words = Verdict.allCases.map(\.rawValue)
        return OptionForm(
            placeholder: "verdict,…",
            allowed: "verdicts, separated by commas, of " + words.joined(separator: ", "),
            completion: .words(words),
            parse: { all($0.split(separator: ",").map { Verdict(rawValue: String($0)) }) },
            text: { $0.isEmpty ? nil : $0.map(\.rawValue).joined(separator: ",") },
            stored: { .array($0.map { .string($0.rawValue) }) },
            restore: {
                $0?.elements.flatMap { all($0.map { $0.text.flatMap { Verdict(rawValue: $0) } }) }
            })
    }
}

extension OptionForm where Value == [String] {
    /// Paths of files, which may be given one by one too; the checkpoint has them from the root.
    static func files(_ what: String) -> OptionForm {
        var form = texts("file,…", "paths of \(what), separated by commas").completed(by: .file)
        form.isRepeatable = true
        form.stored = { .array($0.map { .string(absolutePath($0)) }) }
        form.restore = { member in
            guard let member else { return [] }
            return member.elements.flatMap { all($0.map(\.text)) }
        }
        return form
    }
}

extension OptionForm where Value == [NameServer] {
    /// Resolvers by address and port.
    static var nameServers: OptionForm {
        list("host[:port],…", "IP addresses with or without port, separated by commas") {
            NameServer($0)
        }
    }
}

extension OptionForm where Value == [IPAddress] {
    /// Addresses of this machine.
    static var addresses: OptionForm {
        list("address,…", "IP addresses, separated by commas") { IPAddress($0) }
    }
}

extension OptionForm where Value == [Int] {
    /// Times in seconds, kept in milliseconds.
    static func delays(atMost count: Int) -> OptionForm {
        OptionForm(
            placeholder: "seconds,…",
            allowed: "up to \(count) numbers of 0.1 to 86400, separated by commas, or none",
            parse: { text in
                guard text != "none" else { return [] }
                let delays = text.split(separator: ",", omittingEmptySubsequences: false)
                guard delays.count <= count else { return nil }
                return all(
                    delays.map { delay in
                        Double(delay).flatMap {
                            (0.1...86_400).contains($0) ? milliseconds($0) : nil
                        }
                    })
            },
            text: { delays in
                guard !delays.isEmpty else { return "none" }
                return delays.map { plain(Double($0) / 1000) }.joined(separator: ",")
            },
            stored: { .array($0.map { .integer($0) }) },
            restore: { $0?.elements.flatMap { all($0.map(\.wholeNumber)) } })
    }
}

/// The values; nil where one is missing.
private func all<Element>(_ values: [Element?]) -> [Element]? {
    let present = values.compactMap(\.self)
    return present.count == values.count ? present : nil
}

private func milliseconds(_ seconds: Double) -> Int { Int(seconds * 1000) }

/// A number as a person writes it: without a fraction of zero.
private func plain(_ number: Double) -> String {
    Int(exactly: number).map { "\($0)" } ?? "\(number)"
}
