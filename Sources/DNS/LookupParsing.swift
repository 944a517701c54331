extension Lookup {
    /// The most aliases followed in one answer.
    public static let aliasesMax = 16

    /// The most records kept of one answer: compressed names unpack to far more than a message.
    public static let recordsMax = 512

    /// Reads what `message` answers to `question`; anything amiss gives status `malformed`.
    ///
    /// The message's id is the caller's to compare. A truncated message (TC) counts as malformed,
    /// because it does not say what is absent; octets after the message are ignored. Where the
    /// question was compared already, `questionEnd` is where it ends.
    public init(
        answering question: borrowing Question, message: Span<UInt8>, questionEnd: Int? = nil
    ) {
        do throws(MalformedMessage) {
            try self.init(reading: message, answering: question, questionEnd)
        } catch {
            self.init(status: .malformed)
        }
    }

    private init(
        reading message: Span<UInt8>, answering question: borrowing Question, _ questionEnd: Int?
    ) throws(MalformedMessage) {
        var reader = MessageReader(message)
        let header = try Header(from: &reader)
        if let questionEnd {
            try reader.skip(questionEnd - reader.position)
        } else if try !reader.skipQuestion(question, header) {
            self.init(status: LookupStatus(rcode: header.rcode), rcode: header.rcode)
            return
        }
        let answers = try reader.readAnswers(count: header.answerCount, to: question)
        try reader.skipRecords(count: header.authorityCount)
        let (rcode, errors) = try reader.readOPT(
            count: header.additionalCount, header: header.rcode)
        var chain = AliasChain(status: LookupStatus(rcode: rcode))
        if chain.status == .nodata || chain.status == .nxdomain {
            try chain.follow(answers, to: question, in: message)
        }
        self.init(
            status: chain.status, rcode: rcode, isAuthenticated: header.isAuthenticated,
            aliases: chain.aliases, records: chain.records, omitted: chain.omitted, ttl: chain.ttl,
            extendedErrors: errors)
    }
}

extension LookupStatus {
    /// What an RCODE says before the records are read (RFC 1035 §4.1.1).
    fileprivate init(rcode: UInt8) {
        self =
            switch rcode {
            case 0: .nodata
            case 2: .servfail
            case 3: .nxdomain
            case 5: .refused
            default: .rcode
            }
    }
}

/// The answer section, followed from the queried name.
private struct AliasChain {
    var status: LookupStatus
    var aliases: [DomainName] = []
    var records: [RecordData] = []
    var omitted = 0
    var ttl: UInt32?

    init(status: LookupStatus) { self.status = status }

    /// Follows the aliases from the queried name and takes the records at their end.
    mutating func follow(
        _ answers: Answers, to question: Question, in message: Span<UInt8>
    ) throws(MalformedMessage) {
        // Nil for the queried name, as in the owners.
        var name: DomainName?
        while let alias = answers.aliases.first(where: { $0.owner == name }) {
            var reader = MessageReader(message, at: alias.start)
            let target = try reader.readName()
            guard reader.position == alias.end else { throw MalformedMessage() }
            let isLoop = target == question.name || aliases.contains(target)
            guard !isLoop, aliases.count < Lookup.aliasesMax else {
                status = .aliasLoop
                return
            }
            aliases.append(target)
            name = target
            ttl = min(ttl ?? alias.ttl, alias.ttl)
        }
        guard status == .nodata, answers.matchCount > 0 else { return }
        try take(answers, to: question, at: name, in: message)
    }

    private mutating func take(
        _ answers: Answers, to question: Question, at name: DomainName?, in message: Span<UInt8>
    ) throws(MalformedMessage) {
        records.reserveCapacity(min(answers.matchCount, Lookup.recordsMax))
        var answerReader = MessageReader(message, at: answers.start)
        for _ in 0..<answers.count {
            guard let answer = try answerReader.readAnswer(to: question),
                answer.type == question.type.rawValue, answer.owner == name
            else { continue }
            status = .found
            ttl = min(ttl ?? answer.ttl, answer.ttl)
            guard records.count < Lookup.recordsMax else {
                omitted += 1
                continue
            }
            var reader = MessageReader(message, at: answer.start)
            if let data = try reader.readData(of: question.type, end: answer.end) {
                records.append(data)
            }
        }
    }
}

/// The header of a response (RFC 1035 §4.1.1).
private struct Header {
    let rcode: UInt8
    let isAuthenticated: Bool
    let questionCount: Int
    let answerCount: Int
    let authorityCount: Int
    let additionalCount: Int

    init(from reader: inout MessageReader) throws(MalformedMessage) {
        try reader.skip(12)
        let start = reader.position - 12
        let flags = reader.uint16(at: start + 2)
        // QR set, OPCODE 0, TC clear.
        guard flags & 0xFA00 == 0x8000 else { throw MalformedMessage() }
        rcode = UInt8(flags & 0x000F)
        isAuthenticated = flags & 0x0020 != 0
        questionCount = Int(reader.uint16(at: start + 4))
        answerCount = Int(reader.uint16(at: start + 6))
        authorityCount = Int(reader.uint16(at: start + 8))
        additionalCount = Int(reader.uint16(at: start + 10))
    }
}

/// A record of the answer section that can matter: an alias, or one of the queried type.
private struct Answer {
    /// The owner; nil where it is the queried name.
    let owner: DomainName?
    let type: UInt16
    let ttl: UInt32
    let start: Int
    let end: Int
}

/// The answer section, read once: that every record in it can be read.
private struct Answers {
    /// Where it starts.
    let start: Int
    /// How many records it has.
    let count: Int
    /// How many of them are of the queried type.
    var matchCount = 0
    /// The aliases in it, unless the queried type is CNAME.
    var aliases: [Answer] = []
}

extension MessageReader {
    /// Moves past the question; false where an error response has none.
    fileprivate mutating func skipQuestion(
        _ question: Question, _ header: Header
    ) throws(MalformedMessage) -> Bool {
        guard header.questionCount == 1 else {
            let isBareError = header.questionCount == 0 && header.answerCount == 0
            guard isBareError, header.rcode != 0, header.rcode != 3 else {
                throw MalformedMessage()
            }
            return false
        }
        guard let end = question.end(in: bytes, at: position) else { throw MalformedMessage() }
        try skip(end - position)
        return true
    }

    fileprivate mutating func readAnswers(
        count: Int, to question: Question
    ) throws(MalformedMessage) -> Answers {
        var answers = Answers(start: position, count: count)
        for _ in 0..<count {
            guard let answer = try readAnswer(to: question) else { continue }
            if answer.type == question.type.rawValue {
                answers.matchCount += 1
            } else {
                answers.aliases.append(answer)
            }
        }
        return answers
    }

    /// Reads a record but for its data; nil where it cannot matter.
    fileprivate mutating func readAnswer(to question: Question) throws(MalformedMessage) -> Answer?
    {
        let ownerStart = position
        try skipName()
        let head = try readRecordHead()
        let start = position
        try skip(head.length)
        guard head.recordClass == 1,
            head.type == question.type.rawValue || head.type == RecordType.cname.rawValue
        else { return nil }
        return Answer(
            owner: try owner(at: ownerStart, question), type: head.type,
            // RFC 2181 §8: a TTL with its top bit set is zero.
            ttl: head.ttl > UInt32(Int32.max) ? 0 : head.ttl, start: start, end: position)
    }

    private func owner(
        at start: Int, _ question: Question
    ) throws(MalformedMessage) -> DomainName? {
        // Nearly every owner is a pointer to the question's name, at octet 12.
        if bytes[start] == 0xC0, bytes[start + 1] == 12 { return nil }
        var reader = MessageReader(bytes, at: start)
        let owner = try reader.readName()
        return owner == question.name ? nil : owner
    }

    fileprivate mutating func skipRecords(count: Int) throws(MalformedMessage) {
        for _ in 0..<count {
            try skipName()
            try skip(try readRecordHead().length)
        }
    }

    /// The RCODE with the upper bits that an OPT record brings (RFC 6891 §6.1.3), and its extended
    /// errors.
    fileprivate mutating func readOPT(
        count: Int, header: UInt8
    ) throws(MalformedMessage) -> (rcode: UInt8, errors: ExtendedDNSErrors?) {
        var rcode = UInt16(header)
        var errors: ExtendedDNSErrors?
        for _ in 0..<count {
            try skipName()
            let head = try readRecordHead()
            let start = position
            try skip(head.length)
            guard head.type == 41 else { continue }
            rcode = UInt16(head.ttl >> 24) << 4 | UInt16(header)
            if head.length > 0 {
                var options = MessageReader(bytes, at: start)
                errors = options.readExtendedErrors(end: position)
            }
        }
        return (UInt8(clamping: rcode), errors)
    }

    /// The extended errors among the options of an OPT record; nil where there is none
    /// (RFC 8914 §2).
    ///
    /// Options that cannot be read are left out: the answer counts without them.
    private mutating func readExtendedErrors(end: Int) -> ExtendedDNSErrors? {
        var codes: [UInt16] = []
        var text: [UInt8] = []
        while end - position >= 4, codes.count < ExtendedDNSErrors.countMax {
            // RFC 6891 §6.1.2: OPTION-CODE, OPTION-LENGTH, OPTION-DATA.
            guard let option = try? readUInt16(), let length = try? readUInt16(),
                end - position >= Int(length), let data = try? readBytes(Int(length))
            else { break }
            guard option == 15, data.count >= 2 else { continue }
            codes.append(UInt16(data[0]) << 8 | UInt16(data[1]))
            let room = ExtendedDNSErrors.textOctetsMax - text.count
            guard data.count > 2, room > 2 else { continue }
            if !text.isEmpty { text += Array("; ".utf8) }
            // RFC 8914 §2: EXTRA-TEXT may end in a NUL.
            text += data[2...].prefix(room - 2).filter { $0 != 0 }
        }
        guard !codes.isEmpty else { return nil }
        return ExtendedDNSErrors(
            codes: codes, text: text.isEmpty ? nil : String(decoding: text, as: UTF8.self))
    }
}
