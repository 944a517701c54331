public import DNS

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
