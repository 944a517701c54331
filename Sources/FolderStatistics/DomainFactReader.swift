internal import Judgement
internal import MTASTS
internal import Observations
internal import RecordReading
internal import Records
internal import Statistics

/// Reads from a domain record what is counted; keys are looked up in the order of the schema.
///
/// A class, so that its tables are not retained and released for each record.
final class DomainFactReader: Sendable {
    /// The columns of the list that group domains, and weigh them.
    private let group: String?
    private let weight: String?

    /// A reader; of columns that are named, the values are read too.
    init(group: String? = nil, weight: String? = nil) {
        self.group = group
        self.weight = weight
    }

    private let statuses = EnumTable<DomainRecord.Status>()
    private let verdicts = EnumTable<Verdict>()
    private let senderNames = StringTable(Sender.allCases.map(\.rawValue))
    private let reasons = EnumTable<VerdictReason>()
    private let tlsrptResults = EnumTable<TLSRPTResult>()
    private let mxStatuses = EnumTable<MXStatus>()
    private let records = EnumTable<STSRecordStatus>()
    private let fetches = EnumTable<PolicyFetchStatus>()
    private let policies = EnumTable<PolicyStatus>()
    private let modes = EnumTable<Mode>()
    private let tlsrpt = EnumTable<TLSRPTStatus>()
    private let dane = EnumTable<DomainDANEStatus>()
    private let layers = EnumTable<SurveyFinding.Layer>()
    private let severities = EnumTable<SurveyFinding.Severity>()
    private let certificates = EnumTable<CertificateStatus>()
    private let matches = EnumTable<MXMatch>()
    private let nearMisses = EnumTable<NearMiss>()
    private let failures = FirstFailure.allCases
    private let failureWords = StringTable(FirstFailure.allCases.map(\.text))

    /// The facts of a record.
    func facts(_ record: StoredRecord) -> DomainFacts {
        var facts = DomainFacts()
        var fields = record.object
        facts.rank = fields["rank"]?.int
        facts.domain = fields["domain"]?.string
        if group != nil || weight != nil { read(fields["list"], into: &facts) }
        facts.status = statuses[fields["status"]] ?? .invalidName
        facts.verdict = verdicts[fields["verdict"]]
        facts.reason = reasons[fields["verdict_reason"]]
        facts.postfixVerdict = verdicts[fields["postfix_verdict"]]
        facts.dependsOnSender = fields["depends_on_sender"]?.bool ?? false
        if let judged = fields["verdicts"]?.object { facts.senderVerdicts = senders(judged) }
        facts.firstFailure = failure(fields["first_failure"])
        facts.tlsrptResult = tlsrptResults[fields["tlsrpt_result"]]
        facts.mx = mxStatuses[fields["mx_status"]]
        facts.record = records[fields["sts_record_status"]]
        facts.fetch = fetches[fields["policy_fetch_status"]]
        facts.policy = policies[fields["policy_status"]]
        facts.mode = modes[fields["sts_mode"]]
        facts.maxAge = fields["sts_max_age"]?.int
        facts.tlsrpt = tlsrpt[fields["tlsrpt_status"]]
        facts.dane = dane[fields["dane_status"]]
        if let list = fields["findings"] { facts.findings = list.elements.compactMap(finding) }
        if let lookup = fields["dns"]?["mta_sts"] { facts.recordCNAMEs = strings(lookup["cnames"]) }
        if let policy = fields["policy"], !policy.isNull { read(policy, into: &facts) }
        if let list = fields["mx"] { facts.hosts = list.elements.compactMap(host) }
        return facts
    }

    /// A column that a record does not have is a group of its own, and an unknown weight.
    private func read(_ list: JSONValue?, into facts: inout DomainFacts) {
        let columns = list?.object
        if let group {
            let value = columns?.value(ofKey: group)?.string
            facts.group = value.map { $0.isEmpty ? "(empty)" : $0 } ?? Self.noGroup
        }
        if let weight { facts.weight = DomainWeight(columns?.value(ofKey: weight)?.string) }
    }

    /// The group of domains whose records do not have the column.
    static let noGroup = "(none)"

    private func failure(_ value: JSONValue?) -> FirstFailure? {
        unsafe value?.utf8.flatMap { unsafe failureWords[$0] }.map { failures[$0] }
    }

    private func senders(_ object: JSONObject) -> SenderVerdicts {
        var senders = SenderVerdicts()
        for unsafe(key, value) in unsafe object {
            guard let index = unsafe senderNames[key] else { continue }
            senders[Sender.allCases[index]] = verdicts[value]
        }
        return senders
    }

    private func finding(_ value: JSONValue) -> DomainFacts.Finding? {
        guard var fields = value.object, let layer = layers[fields["layer"]],
            let code = fields["code"]?.string, let severity = severities[fields["severity"]]
        else { return nil }
        return DomainFacts.Finding(layer, code, severity)
    }

    private func read(_ policy: JSONValue, into facts: inout DomainFacts) {
        var fields = policy.object
        let lookups = [fields?["a"], fields?["aaaa"]]
        facts.policyCNAMEs =
            lookups.lazy.map { strings($0?["cnames"]) }.first { !$0.isEmpty } ?? []
        facts.policyAddresses = lookups.flatMap { strings($0?["addresses"]) }
        facts.hasPolicyHost = true
        facts.policyNetworks = networks(of: policy)
    }

    private func host(_ value: JSONValue) -> DomainFacts.Host? {
        guard var fields = value.object, let name = fields["host"]?.string else { return nil }
        return DomainFacts.Host(
            name: name, observation: fields["observation"]?.int ?? 0,
            certificate: certificates[fields["certificate_status"]],
            match: matches[fields["policy_match"]], nearMiss: nearMisses[fields["near_miss"]])
    }
}

/// Where addresses are; nil where that is not recorded, or not as the schema has it.
func networks(of value: JSONValue) -> [AddressNetwork]? {
    (try? AddressNetwork.all(in: value)) ?? nil
}

/// The texts of an array.
func strings(_ value: JSONValue?) -> [String] {
    value?.elements.compactMap(\.string) ?? []
}
