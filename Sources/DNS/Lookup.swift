public import Findings

/// How one question ended.
///
/// Absence (`nxdomain`, `nodata`) is kept apart from ignorance.
public enum LookupStatus: String, DocumentedValue {
    case found
    case nodata
    case nxdomain
    case servfail
    case refused
    case rcode
    case timeout
    case unreachable
    case malformed
    case aliasLoop = "alias_loop"

    /// Whether the answer says what is or is not there.
    public var isAnswer: Bool { self == .found || self == .nodata || self == .nxdomain }

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .found: "Records of the type asked for were found (RFC 1035 §4.1)."
        case .nodata: "The name exists without a record of the type (RFC 2308 §2.2)."
        case .nxdomain: "The name, or the end of its alias chain, does not exist (RFC 2308 §2.1)."
        case .servfail: "RCODE 2; of a validating resolver also: bogus (RFC 4035 §5.5)."
        case .refused: "RCODE 5: the name server refuses to answer (RFC 1035 §4.1.1)."
        case .rcode: "Any other RCODE (RFC 1035 §4.1.1)."
        case .timeout: "No name server answered in time."
        case .unreachable: "No name server could be reached."
        case .malformed: "What came is no answer to the question (RFC 1035 §4)."
        case .aliasLoop: "The aliases loop or are too many to be followed (RFC 1034 §3.6.2)."
        }
    }
}

/// From what a lookup was inferred whose question was not asked.
public enum LookupInference: String, DocumentedValue {
    case nxdomainAbove = "nxdomain_above"
    case nameTooLong = "name_too_long"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .nxdomainAbove:
            "A name above does not exist, by an answer that DNSSEC validated (RFC 8020 §2)."
        case .nameTooLong: "A name of so many octets cannot exist (RFC 1035 §2.3.4)."
        }
    }
}

/// The result of one question: the facts of a response, or why there is none.
///
/// The content of an answer section is kept once, by reference, and most often there is none. So
/// copying an observation of many lookups costs only reference counting.
public struct Lookup: Sendable {
    /// How the question ended.
    public let status: LookupStatus
    /// The RCODE of the response; nil without a response.
    public let rcode: UInt8?
    /// The AD bit: the name server says that it validated the answer (RFC 4035 §3.2.3).
    public let isAuthenticated: Bool
    /// From what it was inferred; nil where the question was asked.
    public let inference: LookupInference?
    private let section: AnswerSection?

    /// The targets of the CNAMEs followed from the queried name, in order.
    public var aliases: [DomainName] { section?.aliases ?? [] }
    /// The records of the queried type, at the end of the alias chain, in the order received.
    public var records: [RecordData] { section?.records ?? [] }
    /// How many records were left out because there are more than are kept.
    public var omitted: Int { section?.omitted ?? 0 }
    /// The smallest TTL among the answer's records, in seconds; nil where there is no record.
    public var ttl: UInt32? { section?.ttl }
    /// Why the name server failed, by its own account; nil where it gave none.
    public var extendedErrors: ExtendedDNSErrors? { section?.extendedErrors }

    /// A lookup of these facts.
    public init(
        status: LookupStatus, rcode: UInt8? = nil, isAuthenticated: Bool = false,
        aliases: [DomainName] = [], records: [RecordData] = [], omitted: Int = 0,
        ttl: UInt32? = nil, extendedErrors: ExtendedDNSErrors? = nil
    ) {
        self.status = status
        self.rcode = rcode
        self.isAuthenticated = isAuthenticated
        inference = nil
        let isEmpty =
            aliases.isEmpty && records.isEmpty && omitted == 0 && ttl == nil
            && extendedErrors == nil
        section =
            isEmpty
            ? nil
            : AnswerSection(
                aliases: aliases, records: records, omitted: omitted, ttl: ttl,
                extendedErrors: extendedErrors)
    }

    /// The lookup of a name that was not asked for, since it cannot exist.
    public init(nonexistentBy inference: LookupInference) {
        status = .nxdomain
        rcode = nil
        isAuthenticated = false
        self.inference = inference
        section = nil
    }

    /// Whether it shows that no name below the one that was asked for exists, as far as the name
    /// server is believed.
    ///
    /// Where there are aliases, it is the name at their end that does not exist, and the one that
    /// was asked for does (RFC 8020 §2). What is not validated is no proof for other names (§7).
    public var provesNothingBelow: Bool {
        status == .nxdomain && isAuthenticated && aliases.isEmpty
    }
}

extension Lookup: Equatable {
    /// Whether both say the same.
    public static func == (left: Lookup, right: Lookup) -> Bool {
        left.status == right.status && left.rcode == right.rcode
            && left.isAuthenticated == right.isAuthenticated
            && left.inference == right.inference
            && (left.section === right.section || left.section == right.section)
    }
}

/// The results of questions asked together, a lookup for each in their order.
public struct Lookups: RandomAccessCollection, Sendable {
    /// How many questions can be asked together.
    public static let countMax = 3

    private static let unanswered = Lookup(status: .timeout)

    private var all = InlineArray<3, Lookup>(repeating: unanswered)
    /// How many there are.
    public let endIndex: Int
    /// The index of the first.
    public var startIndex: Int { 0 }

    /// Those of at most three questions, of which none is answered yet.
    public init(count: Int) {
        precondition(count <= Self.countMax, "\(count) questions at once")
        endIndex = count
    }

    /// The lookup of the question at an index.
    public subscript(place: Int) -> Lookup {
        get { all[place] }
        set { all[place] = newValue }
    }
}

/// The extended errors of a response (RFC 8914).
public struct ExtendedDNSErrors: Hashable, Sendable {
    /// The most that are kept of one response.
    static let countMax = 8
    /// The most octets of all their texts that are kept.
    static let textOctetsMax = 256

    /// Their INFO-CODEs, in the order received: 6 is a bogus answer, 22 no reachable authority.
    public var codes: [UInt16]
    /// Their EXTRA-TEXTs, joined by `; `; nil where none has one.
    public var text: String?

    /// Errors of these codes.
    public init(codes: [UInt16], text: String?) {
        self.codes = codes
        self.text = text
    }
}

private final class AnswerSection: Sendable, Equatable {
    let aliases: [DomainName]
    let records: [RecordData]
    let omitted: Int
    let ttl: UInt32?
    let extendedErrors: ExtendedDNSErrors?

    init(
        aliases: [DomainName], records: [RecordData], omitted: Int, ttl: UInt32?,
        extendedErrors: ExtendedDNSErrors?
    ) {
        self.extendedErrors = extendedErrors
        self.aliases = aliases
        self.records = records
        self.omitted = omitted
        self.ttl = ttl
    }

    static func == (left: AnswerSection, right: AnswerSection) -> Bool {
        left.ttl == right.ttl && left.omitted == right.omitted && left.aliases == right.aliases
            && left.records == right.records && left.extendedErrors == right.extendedErrors
    }
}
