/// What the lines read so far were; `lines` is the sum of all others but `invalid`.
public struct ListStatistics: Hashable, Sendable {
    /// Lines of all lists, the last one without terminator included.
    public internal(set) var lines = 0

    /// Lines that were delivered as entries.
    public internal(set) var entries = 0

    /// Entries that are no domain name.
    public internal(set) var invalid = 0

    /// Lines that hold a comment only.
    public internal(set) var comments = 0

    /// Lines that hold nothing.
    public internal(set) var blanks = 0

    /// First lines that name the columns.
    public internal(set) var headers = 0

    /// Lines left out because their name had been delivered already.
    public internal(set) var duplicates = 0

    /// No lines yet.
    public init() {}
}
