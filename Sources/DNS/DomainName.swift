/// A domain name in canonical text form: lower case, labels joined by dots, no trailing dot.
public struct DomainName: Hashable, Sendable {
    /// The canonical text; empty for the root.
    public let text: String

    /// A name from text that is canonical already.
    public init(canonical text: String) { self.text = text }
}
