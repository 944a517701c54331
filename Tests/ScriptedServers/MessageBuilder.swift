package import DNS

/// Builds response messages octet by octet.
package struct MessageBuilder {
    /// What the message answers.
    package var question: Question
    /// The id of the query.
    package var id: UInt16 = 0x1234
    /// The header's flags, the RCODE among them.
    package var flags: UInt16 = 0x81A0
    /// The records of each section.
    package var answers: [[UInt8]] = []
    package var authorities: [[UInt8]] = []
    package var additionals: [[UInt8]] = []

    /// A response without records.
    package init(_ name: String, _ type: RecordType, rcode: UInt16 = 0) throws {
        question = Question(try DomainName(name), type)
        flags |= rcode
    }

    /// The message.
    package var message: [UInt8] {
        var octets: [UInt8] = pair(id) + pair(flags) + pair(1)
        octets += [answers, authorities, additionals].flatMap { pair(UInt16($0.count)) }
        octets += question.name.wire + pair(question.type.rawValue) + pair(1)
        return octets + (answers + authorities + additionals).flatMap { $0 }
    }

    /// What the program reads from the message.
    package var lookup: Lookup { Lookup(answering: question, message: message.span) }

    /// A record of `owner`; nil means a pointer to the question's name.
    package mutating func answer(
        _ owner: String?, _ type: UInt16, ttl: UInt32 = 300, _ data: [UInt8]
    ) throws {
        answers.append(try record(owner, type, ttl: ttl, data))
    }

    /// A CNAME record.
    package mutating func alias(
        _ owner: String?, to target: String, ttl: UInt32 = 300
    ) throws {
        try answer(owner, 5, ttl: ttl, DomainName(target).wire)
    }
}

/// The octets of a record.
package func record(
    _ owner: String?, _ type: UInt16, class recordClass: UInt16 = 1, ttl: UInt32 = 300,
    _ data: [UInt8]
) throws -> [UInt8] {
    let name = try owner.map { try DomainName($0).wire } ?? [0xC0, 12]
    let fixed = pair(type) + pair(recordClass) + pair(UInt16(ttl >> 16))
    return name + fixed + pair(UInt16(ttl & 0xFFFF)) + pair(UInt16(data.count)) + data
}

/// Two octets in network order.
package func pair(_ value: UInt16) -> [UInt8] { [UInt8(value >> 8), UInt8(value & 0xFF)] }

/// The character-strings of a TXT record.
package func strings(_ texts: String...) -> [UInt8] {
    texts.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
}
