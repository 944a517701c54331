public import DNS

/// One line of a list that is not empty: a domain name, or what was written instead of one.
///
/// A class, since an entry is passed on many times and never changes.
public final class ListEntry: Sendable {
    /// The position among the lines that carry something, over all lists, from 0.
    ///
    /// Repeated names that are left out keep their position, so it does not depend on that choice.
    public let index: Int

    /// The list, named as the caller named it.
    public let source: String

    /// The line in its list, from 1.
    public let line: Int

    /// The number before the name, where the list has one.
    public let rank: Int?

    /// The line as read, without its terminator.
    ///
    /// Invalid UTF-8 is repaired with U+FFFD; beyond `inputBytesMax` bytes `…` replaces the rest.
    public let input: String

    /// The name in canonical form, or why there is none.
    public let name: Result<DomainName, InvalidName>

    init(
        index: Int, source: String, line: Int, rank: Int?, input: String,
        name: Result<DomainName, InvalidName>
    ) {
        self.index = index
        self.source = source
        self.line = line
        self.rank = rank
        self.input = input
        self.name = name
    }

    /// How many bytes of a line are kept, the mark for the rest included.
    public static let inputBytesMax = 300
}
