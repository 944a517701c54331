/// One question: a name and a type, class IN.
public struct Question: Hashable, Sendable {
    /// The name asked for.
    public var name: DomainName
    /// The type asked for.
    public var type: RecordType

    /// Asks for `type` at `name`.
    public init(_ name: DomainName, _ type: RecordType) {
        self.name = name
        self.type = type
    }
}
