/// Something that a text does or lacks against a rule, or that its reader should know.
public struct Finding: Hashable, Sendable {
    /// The stable name, out of a closed vocabulary of the layer that found it.
    public var code: String
    /// The rule, such as `RFC 8461 §3.2`.
    public var section: String
    /// The offset of the octet that the finding is about, from 0.
    public var offset: Int
    /// The rule as text.
    public var message: String
    /// Whether the RFC's text is unclear or an erratum is open, so that readers differ.
    public var isContested: Bool

    /// A finding of these parts.
    public init(
        code: String, section: String, offset: Int, message: String, isContested: Bool = false
    ) {
        self.code = code
        self.section = section
        self.offset = offset
        self.message = message
        self.isContested = isContested
    }
}

extension Array<Finding> {
    /// The most findings kept of one text and kind, so that no text can swell a record.
    package static var countMax: Int { 32 }

    /// Adds a finding, unless there are as many as are kept.
    package mutating func note(_ code: some FindingCode, at offset: Int) {
        if count < Self.countMax { append(code.at(offset)) }
    }
}

/// A closed set of values, each written as one token, with its meaning.
public protocol DocumentedValue: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The meaning of the value and its rule, as one sentence.
    var meaning: String { get }
}

/// The codes of the findings of one kind of text: each code knows its rule.
public protocol FindingCode: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// The rule, such as `RFC 8461 §3.2`.
    var section: String { get }
    /// The rule as text; empty for a code that is no fault.
    var message: String { get }
    /// Whether readers of the RFC differ.
    var isContested: Bool { get }
}

extension FindingCode {
    /// Readers agree unless a vocabulary says otherwise.
    public var isContested: Bool { false }

    /// The finding of this code at an octet.
    public func at(_ offset: Int) -> Finding {
        Finding(
            code: rawValue, section: section, offset: offset, message: message,
            isContested: isContested)
    }

    /// The code's message and its rule as one sentence.
    public var sentence: String {
        let first = message.prefix { $0 != " " }
        // A field's name stays as it is spelt.
        let opening =
            ["mx", "rua", "max_age"].contains(first)
            ? "`\(first)`" : first.prefix(1).uppercased() + first.dropFirst()
        return opening + message.dropFirst(first.count) + " (\(section))."
    }
}
