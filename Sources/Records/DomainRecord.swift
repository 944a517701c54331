public import DNS
public import Findings
public import Judgement
public import Observations

/// One line of the list with all that is known of it: the root of a domain record.
public final class DomainRecord: Sendable {
    /// The source of a record.
    public struct Entry: Sendable {
        /// The position among the lines that carry an entry, from 0.
        public var index: Int
        /// The list's name as given.
        public var source: String
        /// The line in the list, from 1.
        public var line: Int
        /// The name as the list has it, or its whole line; nil for what is no name and may be about
        /// a person.
        public var input: [UInt8]?
        /// The rank, where the list has one.
        public var rank: Int?
        /// The domain; nil where the line is none.
        public var domain: DomainName?
        /// Why the line is no domain name.
        public var invalidReason: NameRejection?
        /// The columns of the list that are carried; nil for none.
        public var columns: ListColumns?

        /// An entry of these facts.
        public init(
            index: Int, source: String, line: Int, input: [UInt8]?, rank: Int? = nil,
            domain: DomainName? = nil, invalidReason: NameRejection? = nil,
            columns: ListColumns? = nil
        ) {
            self.index = index
            self.source = source
            self.line = line
            self.input = input
            self.rank = rank
            self.domain = domain
            self.invalidReason = invalidReason
            self.columns = columns
        }
    }

    /// Whether the line was scanned.
    public enum Status: String, DocumentedValue, FieldValue {
        case scanned
        case invalidName = "invalid_name"
        case excluded

        /// The meaning of the value, and its rule.
        public var meaning: String {
            switch self {
            case .scanned: "The entry is a domain name and was scanned."
            case .invalidName: "The entry is no domain name; `invalid_reason` says why."
            case .excluded: "The blocklist excludes the domain: nothing was asked."
            }
        }
    }

    /// The source of the record.
    public let entry: Entry
    /// When the scan of the domain began, seconds since 1970.
    public let scannedAt: Int64
    /// How long it took, in milliseconds.
    public let durationMS: Int
    /// What was seen; nil where the line is no domain name, or an excluded one.
    public let observation: DomainObservation?
    /// The judgement; nil where nothing was looked up.
    public let judgement: Judgement?
    /// The result for a preload list; nil without a list.
    public let preload: PreloadJudgement?
    /// Where the addresses of the policy host are; nil without a file that says it.
    public let policyNetworks: [AddressNetwork]?

    /// A record of these facts.
    public init(
        entry: Entry, scannedAt: Int64, durationMS: Int,
        observation: DomainObservation? = nil, judgement: Judgement? = nil,
        preloadList: PreloadList? = nil, policyNetworks: [AddressNetwork]? = nil
    ) {
        self.policyNetworks = policyNetworks
        self.entry = entry
        self.scannedAt = scannedAt
        self.durationMS = durationMS
        self.observation = observation
        self.judgement = judgement
        if let preloadList, let domain = entry.domain, let observation, let judgement {
            preload = PreloadJudgement(of: domain, observation, judgement, in: preloadList)
        } else {
            preload = nil
        }
    }

    /// Whether the line was scanned.
    public var status: Status {
        if observation != nil { return .scanned }
        return entry.domain == nil ? .invalidName : .excluded
    }
}

/// One MX host with what is known of it without a domain: the root of a host record.
public final class HostRecord: Sendable {
    /// What was seen.
    public let observation: HostObservation
    /// What DANE says of the host, whatever the security of the MX records that name it.
    public let dane: HostDANEStatus
    /// Why its TLSA records are not met; nil where they are, and where that is not known.
    package let daneFailure: DANEFailure?
    /// Where its addresses are; nil without a file that says it.
    public let networks: [AddressNetwork]?
    /// From where it was seen; nil where that was not named.
    public let vantage: String?

    /// A record of what was seen; AD bits count only where `trustsAD`.
    public init(
        _ observation: HostObservation, trustsAD: Bool, networks: [AddressNetwork]? = nil,
        vantage: String? = nil
    ) {
        self.observation = observation
        self.networks = networks
        self.vantage = vantage
        dane = observation.daneStatus(trustsAD: trustsAD)
        daneFailure = observation.daneFailure(dane)
    }
}
