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
    private let reasonWords = EnumTable<VerdictReason>()
    private let tlsrptWords = EnumTable<TLSRPTStatus>()
    private let daneWords = EnumTable<DomainDANEStatus>()
    private let certificateWords = EnumTable<CertificateStatus>()
    private let probeWords = EnumTable<ProbeStatus>()
    private let failures = FirstFailure.allCases
    private let failureWords = StringTable(FirstFailure.allCases.map(\.text))

    init(_ suffixes: PublicSuffixList) { self.suffixes = suffixes }

    /// What a record begins with: enough to decide whether the domain is of interest.
    struct Head {
        /// The position among the lines that carry an entry.
        let index: Int
        /// The domain as the record has it.
        let domain: String
        let verdict: Verdict
        let reason: VerdictReason?
        let failure: FirstFailure?
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
        let reason = reasonWords[fields["verdict_reason"]]
        let failure = unsafe fields["first_failure"]?.utf8.flatMap { unsafe failureWords[$0] }
        let mxStatus = mxWords[fields["mx_status"]] ?? .dnsError
        let (count, matched) = (fields["mx_count"]?.int, fields["mx_matched"]?.int)
        let record = recordWords[fields["sts_record_status"]]
        return Head(
            index: index, domain: domain, verdict: verdict, reason: reason,
            failure: failure.map { failures[$0] }, mxStatus: mxStatus,
            isWhollyMatched: matched.map { $0 == count },
            record: record.map { DomainState.RecordState($0) } ?? .unknown)
    }

    /// What is compared of a domain without a record: the rest of its state is as of nothing.
    func outcome(_ head: Head, _ fields: inout JSONObject) -> DomainState {
        var state = DomainState(scannedAt: 0, record: head.record, verdict: head.verdict)
        (state.reason, state.failure) = (head.reason, head.failure)
        state.tlsrpt = tlsrptWords[fields["tlsrpt_status"]].map { .init($0) } ?? .unknown
        state.dane = daneWords[fields["dane_status"]]
        if head.mxStatus.hasHosts, let hosts = fields["mx"] { state.certificate = worst(hosts) }
        return state
    }

    /// The first error of the hosts' certificates; nil where one may have another that was not
    /// seen, or none has any.
    private func worst(_ hosts: JSONValue) -> CertificateStatus? {
        var (seen, isOpen) = (false, false)
        for host in hosts.elements {
            guard var fields = host.object else { continue }
            let status = probeWords[fields["status"]]
            if let certificate = certificateWords[fields["certificate_status"]] {
                guard certificate == .ok else { return certificate }
                seen = true
            } else if status?.isReached != true {
                isOpen = true
            }
        }
        return seen && !isOpen ? .ok : nil
    }

    /// The first host that a failure is about.
    private func host(of failure: FirstFailure?, in hosts: JSONValue) -> String? {
        guard let failure else { return nil }
        let key: JSONKey
        switch failure {
        case .mxMatch: key = "policy_match"
        case .smtp: key = "status"
        case .certificate: key = "certificate_status"
        case .dane: key = "dane_status"
        case .mx, .record, .policyFetch, .policy: return nil
        }
        let word = failure == .mxMatch ? MXMatch.none.rawValue : failure.word
        return hosts.elements.first { $0[key]?.string == word }?["host"]?.string
    }

    /// The state of the domain whose record has this head.
    func state(
        _ head: Head, _ fields: inout JSONObject, _ names: inout SharedNames
    ) -> DomainState {
        var state = outcome(head, &fields)
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
            state.failingHost = host(of: head.failure, in: hosts)
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
