public import DNS
public import Observations
public import Records

private let fetches = EnumTable<PolicyFetchStatus>()
private let rejections = EnumTable<NameRejection>()

/// The facts of a domain record.
public struct ObservedDomain: Sendable {
    /// Which observation of a host a domain was judged by.
    public struct HostReference: Hashable, Sendable {
        /// The host.
        public let name: DomainName
        /// The number of the observation.
        public let number: Int

        /// A reference to an observation.
        public init(name: DomainName, number: Int) {
            self.name = name
            self.number = number
        }
    }

    /// The source of the record.
    public let entry: DomainRecord.Entry
    /// When the scan of the domain began, seconds since 1970.
    public let scannedAt: Int64
    /// How long it took, in milliseconds.
    public let durationMS: Int
    /// What was seen, without the hosts; nil where nothing was looked up.
    public let observation: DomainObservation?
    /// Where the addresses of the policy host are; nil where that is not recorded.
    public let policyNetworks: [AddressNetwork]?
    /// The observations of hosts that the domain was judged by.
    public let hosts: [HostReference]
    /// The hosts that the scan was not to contact.
    public let hostsLeftAlone: [DomainName]

    /// The observation with the hosts it was judged by; nil where nothing was looked up.
    public func observation(
        with known: [HostReference: HostObservation]
    ) throws(ObservationError) -> DomainObservation? {
        guard var seen = observation else { return nil }
        seen.hosts = hostsLeftAlone.map(HostObservation.notProbed)
        for reference in hosts {
            guard let host = known[reference] else {
                throw ObservationError(
                    "no record of \(reference.name.text), observation \(reference.number)")
            }
            seen.hosts.append(host)
        }
        return seen
    }

    /// Reads the facts of a record.
    public init(record: JSONValue) throws(ObservationError) {
        var members = RecordMembers(record)
        entry = try DomainRecord.Entry(in: &members)
        let fetch = try members.optional("policy_fetch_status") { fetches[$0] }
        let isCarriedOver = try members.value("policy_source").equals("carried_over")
        scannedAt = try members.required("scanned_at") { $0.epochSeconds }
        durationMS = try members.integer("duration_ms")
        let rounds = try members.optional("rounds") { $0.int }
        var seen = try members.child("dns") { (value) throws(ObservationError) in
            try DomainObservation(dns: value)
        }
        seen?.rounds = rounds ?? 1
        seen?.policy = try members.child("policy") { (value) throws(ObservationError) in
            guard let fetch else { throw ObservationError(key: "policy_fetch_status") }
            return try PolicyObservation(value, status: fetch, isCarriedOver: isCarriedOver)
        }
        let networks = try members.child("policy") { (value) throws(ObservationError) in
            try AddressNetwork.all(in: value)
        }
        policyNetworks = networks ?? nil
        let carriedOver = isCarriedOver ? seen?.policy?.body : nil
        seen?.previous = try members.child("previous") { (value) throws(ObservationError) in
            try PriorState(value, carriedOver: carriedOver)
        }
        observation = seen
        var hosts: [HostReference] = []
        var leftAlone: [DomainName] = []
        for element in try members.value("mx").elements {
            var host = RecordMembers(element)
            let name = try host.required("host") { $0.domainName }
            if let number = try host.optional("observation", { $0.int }) {
                hosts.append(HostReference(name: name, number: number))
            } else if try host.value("status").equals("not_probed") {
                leftAlone.append(name)
            }
        }
        self.hosts = hosts
        hostsLeftAlone = leftAlone
    }
}

/// The facts of a policy record.
public struct ObservedPolicy: Sendable {
    /// What was seen.
    public let policy: PolicyObservation
    /// Where the addresses of the policy host are; nil where that is not recorded.
    public let networks: [AddressNetwork]?

    /// Reads the facts of a record.
    public init(record: JSONValue) throws(ObservationError) {
        var members = RecordMembers(record)
        let status = try members.word("policy_fetch_status", fetches)
        policy = try PolicyObservation(record, status: status, isCarriedOver: false)
        networks = try AddressNetwork.all(in: record)
    }
}

extension DomainRecord.Entry {
    fileprivate init(in members: inout RecordMembers) throws(ObservationError) {
        self.init(
            index: try members.integer("index"),
            source: try members.required("source") { $0.string },
            line: try members.integer("line"),
            input: try members.optional("input") { $0.octets },
            rank: try members.optional("rank") { $0.int },
            domain: try members.optional("domain") { $0.domainName },
            invalidReason: try members.optional("invalid_reason") { rejections[$0] },
            columns: try members.later("list") { $0.listColumns })
    }
}

extension DomainObservation {
    fileprivate init(dns value: JSONValue) throws(ObservationError) {
        var members = RecordMembers(value)
        let mx = try Lookup(mx: try members.value("mx"))
        let record = try Lookup(txt: try members.value("mta_sts"))
        let tlsrpt = try Lookup(txt: try members.value("tlsrpt"))
        let draft = try members.laterChild("tlsrpt_draft") { (value) throws(ObservationError) in
            try Lookup(txt: value)
        }
        self.init(
            mx: mx, record: record, tlsrpt: tlsrpt, addresses: try AddressLookup(in: &members))
        if draft != nil { draftTLSRPT = draft }
    }
}

extension PolicyObservation {
    fileprivate init(
        _ value: JSONValue, status: PolicyFetchStatus, isCarriedOver: Bool
    ) throws(ObservationError) {
        var members = RecordMembers(value)
        let host = try members.required("host") { $0.domainName }
        let fetchedAt = try members.optional("fetched_at") { $0.epochSeconds }
        let address = try members.optional("address") { $0.address }
        self.init(host: host, addresses: try AddressLookup(in: &members), status: status)
        if isCarriedOver { fetchedEarlierAt = fetchedAt } else { self.fetchedAt = fetchedAt }
        self.address = address
        httpStatus = try members.optional("http_status") { $0.int }
        contentType = try members.optional("content_type") { $0.octets }
        contentEncoding = try members.later("content_encoding") { $0.octets }
        isBodyCoded = try members.later("body_is_coded") { $0.bool } ?? false
        location = try members.optional("location") { $0.octets }
        let text = try members.optional("body") { $0.octets }
        // Where the text cannot say what was sent, this does.
        let octets = try members.optional("body_base64") { $0.base64Octets }
        body = octets ?? text
        tls = try TLSObservation(in: &members)
        error = try members.optional("error") { $0.string }
        durationMS = try members.integer("duration_ms")
    }
}

extension PriorState {
    fileprivate init(_ value: JSONValue, carriedOver: [UInt8]?) throws(ObservationError) {
        var members = RecordMembers(value)
        let id = try members.optional("sts_id") { $0.escapedOctets }
        let fetchedAt = try members.optional("fetched_at") { $0.epochSeconds }
        let maxAge = try members.optional("max_age") { $0.int }
        let body = try members.optional("body") { $0.octets } ?? carriedOver
        var policy: KnownPolicy?
        if let id, let fetchedAt, let maxAge, let body {
            policy = KnownPolicy(id: id, body: body, fetchedAt: fetchedAt, maxAge: maxAge)
        }
        self.init(policy: policy, hosts: try members.elements("mx") { $0.domainName })
    }
}
