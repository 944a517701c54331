internal import DNS

/// Reads a table: a prefix and its AS, or a range, its AS, country and operator, a line each.
///
/// Understood are `192.0.2.0<TAB>24<TAB>64500` (RouteViews, CAIDA), `192.0.2.0/24<TAB>64500`
/// (pyasn), and `192.0.2.0<TAB>192.0.2.255<TAB>64500<TAB>US<TAB>NAME` (iptoasn). Of several AS,
/// `64500_64501` says that each announces the prefix, and `64500,64501` is a set.
struct PrefixTableReader {
    /// How the rows of a table are laid out.
    private enum Layout: String {
        case prefixes = "table of prefixes"
        case ranges = "table of ranges"
    }

    private let path: String
    private var layout: Layout?
    private var line = 0
    private var facts: [NetworkFacts] = []
    private var places: [NetworkFacts: UInt32] = [:]
    /// Where the facts of a single AS are: by its number and the length of the prefix.
    private var singles: [UInt64: UInt32] = [:]
    private var ipv4: [RangeTable<UInt32>.Range] = []
    private var ipv6: [RangeTable<UInt128>.Range] = []

    private init(_ path: String) { self.path = path }

    /// The table in a file; a line that is not understood is refused with its number.
    static func table(
        _ path: String, _ content: FileContent
    ) throws(NetworkFileError) -> PrefixTable {
        var reader = PrefixTableReader(path)
        try reader.read()
        return try reader.table(content)
    }

    private mutating func read() throws(NetworkFileError) {
        let lines = try TableLines(path)
        while let text = try lines.next() {
            line += 1
            if let fault = add(text) { throw .refused("\(path), line \(line): \(fault)") }
        }
    }

    private consuming func table(
        _ content: FileContent
    ) throws(NetworkFileError) -> PrefixTable {
        let count = ipv4.count + ipv6.count
        guard let layout, count > 0 else {
            throw .refused(
                "\(path) has no row of a table of prefixes, and is no MaxMind DB")
        }
        let identity = NetworkFileIdentity(
            name: baseName(path), kind: layout.rawValue, date: content.modifiedAt,
            dateSource: .modification, bytes: content.bytes, sha256: content.sha256,
            entries: count)
        return PrefixTable(
            identity: identity, facts: facts, ipv4: try Self.flattened(ipv4, path),
            ipv6: try Self.flattened(ipv6, path))
    }

    private static func flattened<Bound: FixedWidthInteger & UnsignedInteger & Sendable>(
        _ ranges: consuming [RangeTable<Bound>.Range], _ path: String
    ) throws(NetworkFileError) -> RangeTable<Bound> {
        do throws(RangeOverlap<Bound>) {
            return try RangeTable(ranges)
        } catch {
            let bounds = [error.first, error.last].map { address($0).description }
            throw .refused(
                "\(path): the range \(bounds[0]) to \(bounds[1]) lies partly in another")
        }
    }

    private static func address<Bound: FixedWidthInteger & UnsignedInteger>(
        _ value: Bound
    ) -> IPAddress {
        guard Bound.bitWidth > 32 else { return .v4(UInt32(truncatingIfNeeded: value)) }
        return .v6(
            high: UInt64(truncatingIfNeeded: value >> 64), low: UInt64(truncatingIfNeeded: value))
    }
}

// MARK: - Rows

extension PrefixTableReader {
    /// Adds a row; what is wrong with it, nil where nothing is.
    fileprivate mutating func add(_ text: [UInt8]) -> String? {
        guard let first = text.first(where: { !Self.isBlank($0) }) else { return nil }
        if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { return nil }
        if text.contains(0) {
            return "this is no text, and there is no mark of a MaxMind DB at the end of the file: "
                + "it is truncated, compressed, or no file of that kind"
        }
        let cells = Self.cells(of: text)
        if let place = cells[0].firstIndex(of: UInt8(ascii: "/")) {
            guard cells.count >= 2 else { return unknown(text) }
            return addPrefix(cells[0][..<place], cells[0][(place + 1)...], cells[1], text)
        }
        guard cells.count >= 3 else { return unknown(text) }
        if cells[1].contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") }) {
            return addRange(cells, text)
        }
        return addPrefix(cells[0], cells[1], cells[2], text)
    }

    private static func isBlank(_ octet: UInt8) -> Bool { octet == 0x20 || octet == 0x09 }

    /// The cells of a row: between tabs, or without any between blanks.
    private static func cells(of text: [UInt8]) -> [ArraySlice<UInt8>] {
        let tabs = text.split(
            separator: UInt8(ascii: "\t"), maxSplits: 4, omittingEmptySubsequences: false)
        return tabs.count > 1 ? tabs : text.split(separator: UInt8(ascii: " "), maxSplits: 4)
    }

    private func unknown(_ text: [UInt8]) -> String {
        "'\(Self.shown(text[...]))' is no row of prefix, length and AS"
    }

    private static func shown(_ text: ArraySlice<UInt8>) -> String {
        let end = text.count > 80 ? "…" : ""
        return String(decoding: text.prefix(80), as: UTF8.self) + end
    }

    /// Takes a layout for all rows; what is wrong where others have another.
    private mutating func take(_ new: Layout) -> String? {
        guard let layout, layout != new else {
            layout = new
            return nil
        }
        return "the rows before are of a \(layout.rawValue), this one is of a \(new.rawValue)"
    }

    private mutating func addPrefix(
        _ prefix: ArraySlice<UInt8>, _ bits: ArraySlice<UInt8>, _ origin: ArraySlice<UInt8>,
        _ text: [UInt8]
    ) -> String? {
        if let problem = take(.prefixes) { return problem }
        guard let address = Self.address(prefix) else {
            return "'\(Self.shown(prefix))' is no IP address"
        }
        let width = address.isV4 ? 32 : 128
        guard let length = Self.number(bits), length <= width else {
            return "'\(Self.shown(bits))' is no length of a prefix, 0 to \(width)"
        }
        guard address.masked(to: Int(length)) == address else {
            return "\(address) has bits beyond the length \(length) of its prefix"
        }
        let place: UInt32
        if let system = Self.number(origin) {
            guard system > 0 else { return nil }
            place = self.place(ofSystem: system, length: length)
        } else {
            guard let systems = Self.systems(origin) else {
                return "'\(Self.shown(origin))' is no AS number"
            }
            place = self.place(of: NetworkFacts(systems: systems, length: Int(length)))
        }
        append(address, to: address.last(after: Int(length)), place)
        return nil
    }

    private mutating func addRange(_ cells: [ArraySlice<UInt8>], _ text: [UInt8]) -> String? {
        if let problem = take(.ranges) { return problem }
        guard let first = Self.address(cells[0]), let last = Self.address(cells[1]) else {
            return "'\(Self.shown(cells[0]))' and '\(Self.shown(cells[1]))' are no IP addresses"
        }
        guard first.isV4 == last.isV4, first <= last else {
            return "\(first) to \(last) is no range"
        }
        guard let systems = Self.systems(cells[2]) else {
            return "'\(Self.shown(cells[2]))' is no AS number"
        }
        let country = cells.count > 3 ? String(decoding: cells[3], as: UTF8.self) : ""
        let name = cells.count > 4 ? String(decoding: cells[4], as: UTF8.self) : ""
        let known = NetworkFacts(
            systems: systems, name: systems.isEmpty || name.isEmpty ? nil : name,
            country: isCountryCode(country) ? country.uppercased() : nil, length: -1)
        guard !known.systems.isEmpty || known.country != nil else { return nil }
        append(first, to: last, place(of: known))
        return nil
    }

    private mutating func append(_ first: IPAddress, to last: IPAddress, _ place: UInt32) {
        switch (first, last) {
        case (.v4(let first), .v4(let last)):
            ipv4.append(.init(first: first, last: last, facts: place))
        case (.v6(let high, let low), .v6(let lastHigh, let lastLow)):
            ipv6.append(
                .init(
                    first: UInt128(high) << 64 | UInt128(low),
                    last: UInt128(lastHigh) << 64 | UInt128(lastLow), facts: place))
        default: preconditionFailure("a range of two families")
        }
    }

    // MARK: Facts

    private mutating func place(ofSystem system: UInt32, length: UInt32) -> UInt32 {
        let key = UInt64(system) << 8 | UInt64(length)
        if let place = singles[key] { return place }
        let place = UInt32(facts.count)
        facts.append(NetworkFacts(systems: [system], length: Int(length)))
        singles[key] = place
        return place
    }

    private mutating func place(of known: NetworkFacts) -> UInt32 {
        if let place = places[known] { return place }
        let place = UInt32(facts.count)
        facts.append(known)
        places[known] = place
        return place
    }

    // MARK: Values

    private static func address(_ text: ArraySlice<UInt8>) -> IPAddress? {
        IPAddress(String(decoding: text, as: UTF8.self))
    }

    /// A whole number in decimal digits alone.
    private static func number(_ text: ArraySlice<UInt8>) -> UInt32? {
        guard !text.isEmpty, text.count <= 10 else { return nil }
        var value = UInt64(0)
        for digit in text {
            guard 0x30...0x39 ~= digit else { return nil }
            value = value * 10 + UInt64(digit - 0x30)
        }
        return UInt32(exactly: value)
    }

    /// The AS numbers of `64500`, `AS64500`, `64500_64501`, `64500,64501` or `{64500,64501}`.
    ///
    /// Each is there once, and 0 is none (RFC 7607). Nil for anything else.
    private static func systems(_ text: ArraySlice<UInt8>) -> [UInt32]? {
        let parts = text.split(omittingEmptySubsequences: false) { octet in
            octet == UInt8(ascii: "_") || octet == UInt8(ascii: ",")
        }
        var systems: [UInt32] = []
        for part in parts {
            var part = part
            if part.first == UInt8(ascii: "{") { part = part.dropFirst() }
            if part.last == UInt8(ascii: "}") { part = part.dropLast() }
            if part.starts(with: Array("AS".utf8)) { part = part.dropFirst(2) }
            guard let number = number(part) else { return nil }
            if number != 0, !systems.contains(number) { systems.append(number) }
        }
        return systems
    }
}

extension IPAddress {
    /// The last address of the prefix that begins with this one.
    fileprivate func last(after length: Int) -> IPAddress {
        switch self {
        case .v4(let value): .v4(length == 32 ? value : value | (.max >> UInt32(length)))
        case .v6(let high, let low):
            .v6(
                high: length >= 64 ? high : high | (.max >> UInt64(length)),
                low: length == 128 ? low : low | (.max >> UInt64(max(0, length - 64))))
        }
    }
}
