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

    /// The rank, where the list has one.
    public let rank: Int?

    /// The name as the list has it, or what stands in its place; or the whole line.
    ///
    /// Nil where there is no name, and what stands there may be something about a person. Invalid
    /// UTF-8 is repaired with U+FFFD; beyond `inputBytesMax` bytes `…` replaces the rest.
    public let input: String?

    /// The name in canonical form, or why there is none.
    public let name: Result<DomainName, InvalidName>

    /// What the record keeps of the line beside the name; nil for nothing.
    public let carried: CarriedColumns?

    init(
        index: Int, source: String, line: Int, rank: Int?, input: String?,
        name: Result<DomainName, InvalidName>, carried: CarriedColumns? = nil
    ) {
        self.index = index
        self.source = source
        self.line = line
        self.rank = rank
        self.input = input
        self.name = name
        self.carried = carried
    }

    /// What messages call the entry: its name, or its place where it has none.
    public var label: String {
        if case .success(let name) = name { return name.description }
        return input ?? "line \(line) of \(source)"
    }

    /// How many bytes of a line are kept, the mark for the rest included.
    public static let inputBytesMax = 300
}
