/// A list's name and its path.
public struct ListLocation: Hashable, Sendable {
    /// The list as its user named it; records and messages name it so.
    public let name: String

    /// The path that is opened; `-` is standard input.
    public let path: String

    /// A list of this name at this path.
    public init(name: String, path: String) {
        self.name = name
        self.path = path
    }
}
