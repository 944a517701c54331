/// Labels in front of a domain: at the name that results, there are records about it (RFC 8552).
public enum UnderscoredLabels: Sendable {
    case none
    /// RFC 8461 §3.1.
    case mtaSTS
    /// RFC 8460 §3.
    case smtpTLS
    /// The name of TLSRPT records in drafts before RFC 8460.
    case draftTLSRPT

    /// The labels as a name.
    var name: DomainName {
        switch self {
        case .none: .root
        case .mtaSTS: DomainName(canonical: "_mta-sts")
        case .smtpTLS: DomainName(canonical: "_smtp._tls")
        case .draftTLSRPT: DomainName(canonical: "_smtp-tlsrpt")
        }
    }
}

/// One question: a name and a type, class IN.
///
/// A name under labels such as `_mta-sts` stays in its two parts: it is sent and received, and
/// never shown as text.
public struct Question: Sendable {
    /// The labels in front of `base`.
    let labels: UnderscoredLabels
    /// The queried name, or what follows the labels.
    let base: DomainName
    /// The queried type.
    public let type: RecordType

    /// A question for `type` at `name`.
    public init(_ name: DomainName, _ type: RecordType) {
        (labels, base) = (.none, name)
        self.type = type
    }

    /// A question for `type` under `labels` of `domain`; nil where that is too long for a name.
    public init?(_ labels: UnderscoredLabels, of domain: DomainName, _ type: RecordType) {
        guard domain.canBePrefixed(by: labels.name) else { return nil }
        (self.labels, base) = (labels, domain)
        self.type = type
    }

    /// The queried name.
    public var name: DomainName { base.joined(to: labels.name) }
}

extension Question {
    /// The size of UDP answers that queries allow, so that they are not fragmented.
    public static let udpPayloadSize: UInt16 = 1232

    /// Passes the query message to `body`: recursion desired, one question, and EDNS without the DO
    /// bit unless `usesEDNS` is false.
    ///
    /// The AD bit asks the name server for its AD bit without all the signatures (RFC 6840 §5.7).
    /// The message is invalid when this returns.
    public func withMessage(
        id: UInt16, usesEDNS: Bool = true, _ body: (Span<UInt8>) -> Void
    ) {
        var draft = MessageDraft()
        draft.append(id)
        draft.append(0x0120 as UInt16)  // RD, AD
        draft.append(1 as UInt16)  // QDCOUNT
        draft.append(0 as UInt16)
        draft.append(0 as UInt16)
        draft.append((usesEDNS ? 1 : 0) as UInt16)  // ARCOUNT
        draft.append(labelsOf: labels.name)
        draft.append(labelsOf: base)
        draft.append(0 as UInt8)  // the root's label
        draft.append(type.rawValue)
        draft.append(1 as UInt16)  // class IN
        if usesEDNS { draft.appendOPT(payloadSize: Question.udpPayloadSize) }
        body(draft.octets.span.extracting(first: draft.count))
    }

    /// Where the question ends in a message that is a response to it; nil where it is none.
    ///
    /// QR and OPCODE say so, and it has this one question, the name in whatever case (RFC 1035
    /// §4.1, RFC 5452 §4). The message's id is the caller's to compare, and its sender.
    public func end(inAnswer message: Span<UInt8>) -> Int? {
        guard message.count >= 12 else { return nil }
        let header = MessageReader(message)
        guard header.uint16(at: 2) & 0xF800 == 0x8000, header.uint16(at: 4) == 1 else {
            return nil
        }
        return end(in: message, at: 12)
    }

    /// Where the question ends if it is at `position` of a message, the name in whatever case; nil
    /// if it does not.
    func end(in message: Span<UInt8>, at position: Int) -> Int? {
        guard let start = labels.name.end(in: message, at: position),
            let end = base.end(in: message, at: start), message.count - end >= 5
        else { return nil }
        let reader = MessageReader(message)
        let isMet =
            message[end] == 0 && reader.uint16(at: end + 1) == type.rawValue
            && reader.uint16(at: end + 3) == 1
        return isMet ? end + 5 : nil
    }
}

/// When questions of one asker are asked.
public enum QuestionOrder: Sendable {
    /// All at once.
    case together
    /// The first, and the others once it is answered.
    case first
    /// The same; where the answer to the first proves that no name below its own exists, the others
    /// are not asked and have no lookup.
    case firstUnlessDenied
}
