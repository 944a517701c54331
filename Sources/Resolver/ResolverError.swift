/// The resolver cannot be set up.
public struct ResolverError: Error, CustomStringConvertible {
    /// The message of c-ares.
    public let message: String

    /// The message.
    public var description: String { message }
}
