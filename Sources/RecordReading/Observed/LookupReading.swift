internal import DNS
internal import Observations

private let statuses = EnumTable<LookupStatus>()
private let inferences = EnumTable<LookupInference>()

extension Lookup {
    /// A lookup as a record has it, its records read by `records`.
    private init(
        _ value: JSONValue, records key: JSONKey, _ record: (JSONValue) -> RecordData?
    ) throws(ObservationError) {
        var members = RecordMembers(value)
        let status = try members.word("status", statuses)
        let inference = try members.later("inferred") { inferences[$0] }
        if let inference {
            // Nothing else is known of a question that was not asked.
            self.init(nonexistentBy: inference)
            return
        }
        let rcode = try members.optional("rcode") { $0.int.flatMap { UInt8(exactly: $0) } }
        let isAuthenticated = try members.required("ad") { $0.bool }
        let ttl = try members.optional("ttl") { $0.int.flatMap { UInt32(exactly: $0) } }
        let omitted: Int = try members.integer("omitted")
        let aliases = try members.elements("cnames") { $0.domainName }
        let errors = try members.later("extended_errors") {
            $0.kind == .array
                ? $0.elements.compactMap { $0.int.flatMap { UInt16(exactly: $0) } } : nil
        }
        let errorText = try members.later("extended_error_text") { $0.string }
        self.init(
            status: status, rcode: rcode, isAuthenticated: isAuthenticated, aliases: aliases,
            records: try members.elements(key, record), omitted: omitted, ttl: ttl,
            extendedErrors: errors.map { ExtendedDNSErrors(codes: $0, text: errorText) })
    }

    init(mx value: JSONValue) throws(ObservationError) {
        try self.init(value, records: "records") { record in
            guard let preference = record["preference"]?.int.flatMap({ UInt16(exactly: $0) }),
                let exchange = record["exchange"]?.domainName
            else { return nil }
            return .mx(preference: preference, exchange: exchange)
        }
    }

    init(txt value: JSONValue) throws(ObservationError) {
        try self.init(value, records: "records") { record in
            record.kind == .array ? .txt(record.elements.compactMap(\.escapedOctets)) : nil
        }
    }

    init(addresses value: JSONValue) throws(ObservationError) {
        try self.init(value, records: "addresses") { record in
            record.address.map { $0.isV4 ? .a($0) : .aaaa($0) }
        }
    }

    init(tlsa value: JSONValue) throws(ObservationError) {
        try self.init(value, records: "records") { record in
            func number(_ key: JSONKey) -> UInt8? {
                record[key]?.int.flatMap { UInt8(exactly: $0) }
            }
            guard let usage = number("usage"), let selector = number("selector"),
                let matchingType = number("matching_type"), let data = record["data"]?.hexOctets
            else { return nil }
            return .tlsa(
                TLSARecord(
                    usage: usage, selector: selector, matchingType: matchingType, data: data))
        }
    }
}

extension AddressLookup {
    /// Both address lookups of an object; nil where they were not made.
    init?(in members: inout RecordMembers) throws(ObservationError) {
        let a = try members.child("a") { (value) throws(ObservationError) in
            try Lookup(addresses: value)
        }
        let aaaa = try members.child("aaaa") { (value) throws(ObservationError) in
            try Lookup(addresses: value)
        }
        guard let a, let aaaa else { return nil }
        self.init(a: a, aaaa: aaaa)
    }
}
