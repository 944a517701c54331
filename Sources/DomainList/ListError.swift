/// A list that cannot be read on: absent, unreadable, truncated or corrupt.
public struct ListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What kind of error it is.
    public enum Kind: Sendable {
        /// The list is not there, or cannot be opened.
        case unavailable
        /// It is truncated: the lines before are valid, and a list with the same beginning may
        /// continue.
        case brokenOff
        /// It is corrupt, or is stored in a way that is not understood.
        case damaged
        /// It is given in a way that does not make sense.
        case misused
    }

    /// What kind of error it is.
    public let kind: Kind

    /// The list, named as the caller named it.
    public let source: String

    /// How many bytes of the file, as stored, were understood.
    public let offset: Int

    /// The last line that was read whole, where lines were being read.
    public var line: Int?

    /// What is wrong.
    public let reason: String

    /// The list, the position, where anything was read, and the reason in one line.
    public var description: String {
        guard kind == .damaged || kind == .brokenOff else {
            return "cannot open the list \(source): \(reason)"
        }
        guard offset > 0 || line != nil else { return "the list \(source): \(reason)" }
        let place = line.map { ", after line \($0)" } ?? ""
        return "\(source): \(reason) (at byte \(offset)\(place))"
    }

    init(_ kind: Kind, source: String, offset: Int = 0, line: Int? = nil, reason: String) {
        self.kind = kind
        self.source = source
        self.offset = offset
        self.line = line
        self.reason = reason
    }
}
