/// A line of a hosts file: an address and the names that it has (hosts(5)).
enum HostsLine {
    /// The names on a line; none of a line that does not begin with an address.
    static func names(on line: Span<UInt8>) -> [Range<Int>] {
        var words: [Range<Int>] = []
        var index = 0
        while index < line.count, line[index] != UInt8(ascii: "#") {
            let start = index
            while index < line.count, !isBlank(line[index]), line[index] != UInt8(ascii: "#") {
                index += 1
            }
            if start < index { words.append(start..<index) } else { index += 1 }
        }
        guard let first = words.first,
            NameFault.isAddress(string(line.extracting(first)))
        else { return [] }
        return Array(words.dropFirst())
    }
}
