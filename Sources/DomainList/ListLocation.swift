/// A list's name and where it lies.
public struct ListLocation: Hashable, Sendable {
    /// The list as its user named it: so it stands in records and messages.
    public let name: String

    /// The path that is opened; `-` is standard input.
    public let path: String

    /// A list of this name at this path.
    public init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}
