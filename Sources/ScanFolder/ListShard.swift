/// One of several shards of a list: the entries whose index leaves this remainder.
///
/// Its text is `I/N`: shard I, from 0, of N.
public struct ListShard: Hashable, Sendable, CustomStringConvertible {
    /// The most shards.
    public static let countMax = 100_000

    /// Which shard it is, from 0.
    public let index: Int
    /// How many there are.
    public let count: Int

    /// The shard that a text names; nil where it names none.
    public init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.allSatisfy(\.isNumber) }),
            let index = Int(parts[0]), let count = Int(parts[1]),
            (1...Self.countMax).contains(count), (0..<count).contains(index)
        else { return nil }
        self.index = index
        self.count = count
    }

    /// Whether the entry of an index belongs to the shard.
    public func contains(_ number: Int) -> Bool { number % count == index }

    /// The number of an observation, counted from 1 within the shard, among those of all shards.
    public func globalNumber(_ number: Int) -> Int { number * count + index }

    /// The text.
    public var description: String { "\(index)/\(count)" }
}
