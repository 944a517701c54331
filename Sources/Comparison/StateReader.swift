internal import Changes
internal import Judgement
internal import MTASTS
internal import Observations
internal import PublicSuffix
internal import RecordReading
internal import Records

/// Reads from a domain record what another scan is compared with.
struct StateReader: Sendable {
    let suffixes: PublicSuffixList
    private let recordWords = EnumTable<STSRecordStatus>()
    private let fetchWords = EnumTable<PolicyFetchStatus>()
    private let verdictWords = EnumTable<Verdict>()
    private let mxWords = EnumTable<MXStatus>()
    private let modeWords = EnumTable<Mode>()

    init(_ suffixes: PublicSuffixList) { self.suffixes = suffixes }

    /// What a record begins with: enough to decide whether the domain is of interest.
    struct Head {
        /// The position among the lines that carry an entry.
        let index: Int
        /// The domain as the record has it.
        let domain: String
        let verdict: Verdict
        let mxStatus: MXStatus
        let isWhollyMatched: Bool?
        let record: DomainState.RecordState
    }

    /// The head of a record; nil where its line names no domain.
    func head(_ fields: inout JSONObject) -> Head? {
        // Keys in the order of the record: each costs one step.
        guard let index = fields["index"]?.int, let domain = fields["domain"]?.string else {
            return nil
        }
        // A domain that was not contacted has neither verdict nor statuses: nothing is known.
        let verdict = verdictWords[fields["verdict"]] ?? .unknown
        let mxStatus = mxWords[fields["mx_status"]] ?? .dnsError
        let (count, matched) = (fields["mx_count"]?.int, fields["mx_matched"]?.int)
        let record = recordWords[fields["sts_record_status"]]
        return Head(
            index: index, domain: domain, verdict: verdict, mxStatus: mxStatus,
            isWhollyMatched: matched.map { $0 == count },
            record: record.map { DomainState.RecordState($0) } ?? .unknown)
    }

    /// The state of the domain whose record has this head.
    func state(
        _ head: Head, _ fields: inout JSONObject, _ names: inout SharedNames
    ) -> DomainState {
        var state = DomainState(scannedAt: 0, record: head.record, verdict: head.verdict)
        state.isWhollyMatched = head.isWhollyMatched
        state.id = fields["sts_id"]?.string
        let fetch = fetchWords[fields["policy_fetch_status"]]
        let mode = modeWords[fields["sts_mode"]]
        let maxAge = fields["sts_max_age"]?.int
        state.scannedAt =
            unsafe fields["scanned_at"]?.utf8.flatMap { unsafe Timestamp($0) }?.epochSeconds ?? 0
        if let fetch, var policy = fields["policy"]?.object {
            state.policyProvider = aliasProvider(&policy).map { names.shared($0) }
            state.policy = .init(
                fetch, httpStatus: policy["http_status"]?.int, isValid: mode != nil)
            if let mode, let maxAge {
                state.terms = .init(mode: mode, maxAge: maxAge, patterns: digest(policy["mx"]))
            }
        }
        if head.mxStatus.hasHosts, let hosts = fields["mx"] {
            state.mxProviders = names.shared(mailProviders(hosts))
        }
        return state
    }

    /// The registrable domain of the last alias of a policy host, empty where it has none; nil
    /// where it has no address, or that is not known.
    private func aliasProvider(_ policy: inout JSONObject) -> String? {
        var isFound = false
        var alias: String?
        for var lookup in [policy["a"]?.object, policy["aaaa"]?.object].compactMap(\.self) {
            isFound = lookup["status"]?.equals("found") == true || isFound
            guard let aliases = lookup["cnames"] else { continue }
            for name in aliases.elements { alias = name.string }
        }
        guard isFound else { return nil }
        return alias.map(provider) ?? ""
    }

    /// The registrable domains of the hosts, in alphabetical order.
    private func mailProviders(_ hosts: JSONValue) -> String {
        let names = hosts.elements.compactMap { $0["host"]?.string }
        return Set(names.map(provider)).sorted().joined(separator: " ")
    }

    private func provider(_ name: String) -> String {
        suffixes.registrableDomain(of: name) ?? name
    }

    /// A digest of the set of patterns, whatever their order and case.
    private func digest(_ patterns: JSONValue?) -> UInt64 {
        guard let patterns else { return 0 }
        return Set(patterns.elements.compactMap { unsafe $0.utf8.map(digest) }).reduce(0, &+)
    }

    /// FNV-1a of lower case.
    private func digest(_ pattern: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in pattern.indices {
            let octet = unsafe pattern[index]
            let isUpper = octet >= UInt8(ascii: "A") && octet <= UInt8(ascii: "Z")
            hash = (hash ^ UInt64(isUpper ? octet | 0x20 : octet)) &* 0x0100_0000_01B3
        }
        return hash
    }
}

/// Texts that many domains have in common, each kept once.
struct SharedNames {
    private static let limit = 1 << 16

    private var names: Set<String> = []

    /// The same text in the memory of those before it.
    mutating func shared(_ name: String) -> String {
        if let known = names.firstIndex(of: name) { return names[known] }
        if names.count < Self.limit { names.insert(name) }
        return name
    }
}
