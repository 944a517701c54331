/// How a list is laid out: as it was found by looking at its beginning, or as its user said.
public struct ListFormat: Hashable, Codable, Sendable {
    /// The kinds of lists.
    public enum Kind: String, CaseIterable, Codable, Sendable {
        /// A name a line.
        case lines
        /// A table: rows of columns.
        case csv
        /// A JSON object a line.
        case ndjson
        /// A zone file, whose delegations are the names (RFC 1035 §5).
        case zone
        /// Addresses with names behind them, as `/etc/hosts` has them.
        case hosts
    }

    /// The kind.
    public var kind = Kind.lines
    /// What separates the columns of a table.
    var delimiter = Delimiter.comma
    /// How many columns a table has.
    var columns = 1
    /// The names of a table's columns; nil where it has no header.
    var header: [String]?
    /// How many rows that carry something come before the first entry: the header, and what stands
    /// before it.
    var headerRows = 0
    /// The column of the domain, from 0.
    var domain = 0
    /// The column of the rank.
    var rank: Int?
    /// The keys of the domain in a JSON object, the best first; dots lead into objects.
    var domainKeys: [String] = []
    /// The key of the rank in a JSON object.
    var rankKey: String?
    /// The key of the index in a JSON object, where entries have those of the list.
    var indexKey: String?
    /// The keys of JSON objects.
    var keys: [String] = []
    /// The name that relative names of a zone are below, as text without a trailing dot; nil where
    /// the file says it, or nothing does.
    var origin: String?
    /// The name of a zone, which is no delegation of it.
    var apex: String?
    /// Whether names of a zone are relative to an origin that its file does not say.
    var lacksOrigin: Bool?
    /// Whether `$INCLUDE` or `$GENERATE` stand for records that are not in the file.
    var hasOtherRecords: Bool?
    /// About how many delegations a zone has; nil where its size is not known.
    var delegations: Int?
    /// What ends its lines, where that is not LF.
    var lineEnd: LineEnd?
    /// What separates names that share a line.
    var separator: Delimiter?
    /// How the list is stored, where it is not plain.
    var storage: [String] = []
    /// What of each row is kept in its record.
    var carried: [CarriedColumn] = []

    /// A name a line.
    public init() {}

    /// What ends lines, where that is not LF.
    enum LineEnd: String, Codable {
        /// A CR alone, as spreadsheets write it for the Macintosh.
        case carriageReturn
    }

    /// A column, or a member of a JSON object, that goes into the records.
    struct CarriedColumn: Hashable, Codable, Sendable {
        /// Its name in the records.
        var name: String
        /// The column, from 0; nil where the list has none of this name.
        var column: Int?
        /// The key; nil of a table.
        var key: String?
    }

    /// The name of a table's column: its header, or its number from 1.
    func columnName(_ column: Int) -> String {
        if let header, header.indices.contains(column), !header[column].isEmpty {
            return header[column]
        }
        return "column_\(column + 1)"
    }

    /// The column that a user means by its header, or by its number from 1; nil for none.
    func column(named text: String) -> Int? {
        if let header {
            if let column = header.firstIndex(of: text) { return column }
            let plain = ColumnWords.plain(text)
            if let column = header.firstIndex(where: { ColumnWords.plain($0) == plain }) {
                return column
            }
        }
        if let column = (0..<columns).first(where: { columnName($0) == text }) { return column }
        return Int(text).flatMap { (1...columns).contains($0) ? $0 - 1 : nil }
    }

    /// The names of the columns that go into the records.
    public var carriedNames: [String] { carried.map(\.name) }

    /// What was understood, in a line for people.
    public var description: String {
        var parts: [String]
        switch kind {
        case .lines: parts = names + headerNote
        case .csv: parts = table
        case .ndjson: parts = objects
        case .zone: parts = zone
        case .hosts: parts = ["a hosts file, the names behind the addresses"]
        }
        if !carried.isEmpty {
            parts.append("carried: \(carried.map(\.name).joined(separator: ", "))")
        }
        if lineEnd != nil { parts.append("in lines that end in CR") }
        return (parts + storage).joined(separator: ", ")
    }

    private var names: [String] {
        ["a name a line"] + (separator.map { ["or several, with \($0.plural) between"] } ?? [])
    }

    private var table: [String] {
        let place = header == nil ? "column \(domain + 1)" : "column \(domain + 1) \(shown(domain))"
        let rank = self.rank.map {
            "rank from " + (header == nil ? "column \($0 + 1)" : shown($0))
        }
        return [delimiter.title, "\(columns) columns", "domain from \(place)"]
            + [rank].compactMap(\.self) + headerNote
    }

    /// A row that is taken for a header, or stands before one, is never passed over unsaid.
    private var headerNote: [String] {
        switch (headerRows, header) {
        case (0, nil): kind == .csv ? ["no header"] : []
        case (1, let header?) where kind == .lines: ["the first is the header '\(header[0])'"]
        case (1, _): ["the first row is the header"]
        case (0, _): ["the header in a comment"]
        default: ["the first \(headerRows) rows are the header and what stands before it"]
        }
    }

    private func shown(_ column: Int) -> String { "'\(columnName(column))'" }

    private var objects: [String] {
        let names = domainKeys.map { "'\($0)'" }.joined(separator: " or ")
        return ["NDJSON", names.isEmpty ? "no key of a domain" : "domain from \(names)"]
            + [indexKey.map { "index from '\($0)'" }, rankKey.map { "rank from '\($0)'" }]
            .compactMap(\.self)
    }

    private var zone: [String] {
        let name = apex.map { $0.isEmpty ? " of the root" : " of \($0)" } ?? ""
        let memory =
            delegations.map {
                "some \(grouped($0)) in \(grouped(1 + $0 * UniqueNames.nameBytes / 1_000_000)) MB "
                    + "of memory"
            } ?? "\(UniqueNames.nameBytes) bytes of memory each"
        let others = hasOtherRecords == true ? [PassedOver.notFollowed.label] : []
        return ["a zone file\(name)", "each delegation once (\(memory))"] + others
    }
}

extension ListFormat {
    /// Takes what a user says of the columns; one that the list does not have throws.
    mutating func take(_ reading: ListReading, of list: String) throws(ListError) {
        if let column = reading.column, kind == .csv, self.column(named: column) == nil {
            throw missing(column, list)
        }
        if let column = reading.column, kind == .ndjson, !keys.contains(column) {
            throw missing(column, list)
        }
        if lacksOrigin == true {
            throw ListError(
                .misused, source: list,
                reason: "its names are below an origin that the zone file does not say: "
                    + "name the zone with --origin")
        }
        if reading.origin != nil, kind != .zone {
            throw ListError(
                .misused, source: list,
                reason: "--origin is for zone files, and this is \(description); --format zone "
                    + "reads it as one all the same")
        }
        carried = []
        for name in reading.carried {
            if name == "all" {
                carried += all
            } else {
                carried.append(try named(name, list))
            }
        }
        var names: Set<String> = []
        carried.removeAll { !names.insert($0.name).inserted }
    }

    /// All but that of the domain, and that of the index where entries have it.
    private var all: [CarriedColumn] {
        switch kind {
        case .csv:
            (0..<columns).filter { $0 != domain }
                .map { CarriedColumn(name: columnName($0), column: $0) }
        case .ndjson:
            keys.filter { $0 != domainKeys.first && $0 != indexKey }
                .map { CarriedColumn(name: $0, key: $0) }
        case .lines, .zone, .hosts: []
        }
    }

    private func named(_ name: String, _ list: String) throws(ListError) -> CarriedColumn {
        switch kind {
        case .csv:
            guard let column = column(named: name) else { throw missing(name, list) }
            return CarriedColumn(name: columnName(column), column: column)
        case .ndjson:
            guard keys.contains(name) else { throw missing(name, list) }
            return CarriedColumn(name: name, key: name)
        case .lines, .zone, .hosts: throw missing(name, list)
        }
    }

    private func missing(_ name: String, _ list: String) -> ListError {
        let has = columnNames
        let reason =
            has.isEmpty
            ? "it has no columns, so none is '\(name)'"
            : "it has no column '\(name)'; it has \(has.joined(separator: ", "))"
        return ListError(.misused, source: list, reason: reason)
    }

    /// The names of the columns, as many as fit a message.
    var columnNames: [String] {
        let names =
            switch kind {
            case .csv: (0..<columns).map { "\($0 + 1) '\(columnName($0))'" }
            case .ndjson: keys.map { "'\($0)'" }
            case .lines, .zone, .hosts: [String]()
            }
        return names.count > 20 ? names.prefix(20) + ["…"] : names
    }
}

/// What a user says of the layout of the lists; what is not said is found by looking.
public struct ListReading: Equatable, Sendable {
    /// The kind.
    public var kind: ListFormat.Kind?
    /// The name or the number, from 1, of the column or the key of the domain.
    public var column: String?
    /// Whether the first row is a row like the others.
    public var hasNoHeader = false
    /// The name of a zone whose file does not say it.
    public var origin: String?
    /// The names or the numbers of the columns that go into the records; `all` is all but that of
    /// the domain.
    public var carried: [String] = []
    /// Whether entries keep the whole line.
    public var keepsLines = false
    /// Whether entries have the index that a list of JSON objects gives them by the key `index`.
    public var takesIndexes = false

    /// Nothing is said.
    public init() {}
}

/// A number with commas between the thousands.
func grouped(_ number: Int) -> String {
    var digits = Array("\(number)")
    var place = digits.count - 3
    while place > 0 {
        digits.insert(",", at: place)
        place -= 3
    }
    return String(digits)
}
