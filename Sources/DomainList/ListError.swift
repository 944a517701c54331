/// A list that cannot be read on: absent, unreadable, truncated or corrupt.
public struct ListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The list, named as the caller named it.
    public let source: String

    /// How many bytes of the file, as stored, were understood.
    public let offset: Int

    /// The last line that was read whole, where lines were being read.
    public var line: Int?

    /// What is wrong.
    public let reason: String

    /// The list, the position and the reason in one line.
    public var description: String {
        let place = line.map { ", after line \($0)" } ?? ""
        return "\(source): \(reason) (at byte \(offset)\(place))"
    }
}
