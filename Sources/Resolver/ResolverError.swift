/// The resolver cannot be set up.
public struct ResolverError: Error, CustomStringConvertible {
    /// c-ares's words.
    public let message: String

    /// The message.
    public var description: String { message }
}
