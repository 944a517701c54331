public import DNS
internal import Findings
public import Judgement
internal import MTASTS
public import Observations
internal import SMTP

/// What is to be said to the owner of a domain: the result, and each thing found with its evidence,
/// its consequence and what to change.
public struct Diagnosis: Sendable {
    /// One thing that was found.
    public struct Item: Sendable {
        /// The layer and the code, such as `mx_match.typo`.
        public let code: String
        /// How much it weighs.
        public let severity: SurveyFinding.Severity
        /// Where it is mended; nil where nothing is to be mended.
        public let place: Place?
        /// What was found, as sentences.
        public let found: String
        /// What follows for mail, as sentences; nil where nothing does.
        public let consequence: String?
        /// Which other hosts or lines it is true of, as a sentence; nil where of none.
        public let others: String?
        /// What to change, in order.
        public let steps: [String]
    }

    /// What becomes of mail, after a word or two in capitals and a colon.
    public let headline: String
    /// Whether something is to be done.
    public let need: Need
    /// What was found: first what decides, then by weight.
    public let items: [Item]
    /// What helps at once while a fault is mended; nil where nothing is refused.
    public let meanwhile: String?

    /// The diagnosis of a domain that was observed at `now`, in seconds since 1970.
    public init(
        of domain: DomainName, _ seen: DomainObservation, _ judged: Judgement, at now: Int64
    ) {
        let headline = Headline(judged.verdict, judged.reason)
        let facts = EvidenceReader(domain: domain, seen: seen, judged: judged, now: now)
        self.headline = headline.text.filled(with: facts.common) ?? headline.text.general
        need = headline.need
        let items = judged.topics.compactMap { Item($0, judged, facts) }
        // Without a fault of its own, what is to be done follows from the verdict.
        let isExplained = !items.isEmpty || headline.need == .nothing
        self.items = isExplained ? items : [Item(judged.verdict, facts)]
        let isRefused = judged.verdict == .refused || judged.verdict == .partial
        meanwhile =
            isRefused && judged.mode == .enforce && judged.reason != .dane
            ? Template.testMeanwhile.filled(with: facts.common) : nil
    }
}

extension Template {
    /// What stops the bounces while a host or the policy is mended (RFC 8461 §5).
    static let testMeanwhile: Template =
        """
        Until it is fixed, serve the policy with "mode: testing" and then change the id of the \
        record at _mta-sts.{domain}: senders deliver again as soon as they have seen it.
        """
    static let otherHosts: Template = "The same is true of {other_hosts}."
    static let otherFaults: Template = "{other_hosts} fail as well, in other ways."
    static let otherLines: Template = "The same is true of these lines: {other_lines}."
}

/// A finding or a failure, before it is put into words.
struct Topic: Hashable {
    let layer: SurveyFinding.Layer
    let code: String
    let severity: SurveyFinding.Severity
    /// The octet of the record or policy that it is about.
    let offset: Int?
}

extension Judgement {
    /// What is to be said, each code once: the cause of the verdict, then the findings by weight.
    fileprivate var topics: [Topic] {
        var topics: [Topic] = []
        if let cause { topics.append(cause) }
        for severity in SurveyFinding.Severity.allCases {
            topics += findings.filter { $0.severity == severity }.map(Topic.init)
        }
        // What senders differ about is said by the other findings about the policy.
        if topics.contains(where: {
            $0.isOfPolicy && $0.code != PolicyAdvice.sendersDiffer.rawValue
        }) {
            topics.removeAll { $0.code == PolicyAdvice.sendersDiffer.rawValue }
        }
        topics.removeMissingKeys()
        topics += otherUnreachedHosts
        var told: Set<String> = []
        return topics.filter { told.insert("\($0.layer.rawValue).\($0.code)").inserted }
    }

    /// How hosts fail that are not the first, where none could be examined.
    private var otherUnreachedHosts: [Topic] {
        guard reason == .mxUnreached else { return [] }
        let others = hosts.dropFirst().filter { host in
            host.outcome == .unreached && host.status != .notProbed
        }
        return others.map {
            Topic(layer: .smtp, code: $0.status.rawValue, severity: .warning, offset: nil)
        }
    }

    /// The first cause of the verdict, as the finding about it where there is one.
    private var cause: Topic? {
        guard let failure = firstFailure else { return nil }
        let finding = findings.first {
            $0.layer == failure.layer && ($0.code == failure.word || failure == .mxMatch)
        }
        if let finding { return Topic(finding) }
        let isFault = Headline(verdict, reason).need != .nothing
        return Topic(
            layer: failure.layer, code: failure.word, severity: isFault ? .error : .note,
            offset: nil)
    }
}

extension [Topic] {
    /// Removes keys that are missing only because of how the lines of the policy are written.
    ///
    /// One of them is no key with a value, or all are one line. The first topic stays.
    fileprivate mutating func removeMissingKeys() {
        let missing = [PolicyStatus.missingMode, .missingMaxAge, .missingMX].map(\.rawValue)
        let codes = Set(filter { $0.layer == .policy }.map(\.code))
        guard codes.contains(PolicyStatus.badLine.rawValue) || codes.isSuperset(of: missing),
            let first, !missing.contains(first.code)
        else { return }
        let removed = missing + [PolicyStatus.missingVersion.rawValue]
        self = [first] + dropFirst().filter { $0.layer != .policy || !removed.contains($0.code) }
    }
}

extension Topic {
    fileprivate var isOfPolicy: Bool { layer == .policy || layer == .policyFetch }

    fileprivate init(_ finding: SurveyFinding) {
        self.init(
            layer: finding.layer, code: finding.code, severity: finding.severity,
            offset: finding.offset)
    }
}

extension Diagnosis.Item {
    /// The topic in words; nil where there are none for it.
    fileprivate init?(_ topic: Topic, _ judged: Judgement, _ facts: EvidenceReader) {
        let hosts = judged.hosts(of: topic)
        let special = hosts.first?.explanation(of: topic)
        guard let explanation = special ?? Catalogue.explanation(topic.layer, topic.code)
        else { return nil }
        let evidence = facts.evidence(for: topic, at: hosts)
        let isOfPolicy = topic.layer == .mxMatch || topic.layer == .certificate
        let obligation = judged.obligation(of: hosts.first, byPolicyAlone: isOfPolicy)
        code = "\(topic.layer.rawValue).\(topic.code)"
        severity = topic.severity
        place = explanation.place
        found = explanation.found.filled(with: evidence) ?? explanation.found.general
        consequence = explanation.effect.consequence(under: obligation)?.filled(with: evidence)
        let isShared = hosts.dropFirst().allSatisfy { $0.daneFailure == hosts[0].daneFailure }
        others =
            Template.otherLines.filled(with: evidence)
            ?? (isShared ? Template.otherHosts : .otherFaults).filled(with: evidence)
        steps = explanation.steps.compactMap { $0.filled(with: evidence) }
    }

    /// A verdict in words.
    fileprivate init(_ verdict: Verdict, _ facts: EvidenceReader) {
        let explanation = verdict.explanation
        code = "verdict.\(verdict.rawValue)"
        severity = .error
        place = explanation.place
        found = explanation.found.filled(with: facts.common) ?? explanation.found.general
        consequence = nil
        others = nil
        steps = explanation.steps.compactMap { $0.filled(with: facts.common) }
    }
}

extension Judgement {
    /// The hosts that a topic is about, in a sender's order; none where it is about none.
    func hosts(of topic: Topic) -> [HostJudgement] {
        switch topic.layer {
        case .smtp: hosts.filter { $0.hasSMTPCode(topic.code) }
        case .certificate:
            switch CertificateAdvice(rawValue: topic.code) {
            case .weakKey: hosts.filter(\.hasWeakKey)
            case .expiresSoon: hosts.filter { $0.daysLeftLast != nil }
            case nil:
                hosts.filter { host in
                    host.isDANEInForce
                        ? host.failureWithoutDANE?.word == topic.code
                        : host.certificate?.rawValue == topic.code
                }
            }
        case .dane: hosts.filter { $0.dane.rawValue == topic.code }
        case .mxMatch:
            hosts.filter { $0.nearMiss?.rawValue == topic.code }.nonEmpty
                ?? hosts.filter { $0.policyMatch == MXMatch.none }
        case .mx where topic.code == MXAdvice.hostSkipped.rawValue:
            hosts.filter { $0.outcome == .refused }
        case .mx, .record, .policyFetch, .policy, .tlsrpt: []
        }
    }

    /// What asks senders to authenticate a host; for nil, the hosts of the domain.
    ///
    /// Not all senders validate DANE: what the policy alone refuses is of the policy.
    func obligation(of host: HostJudgement?, byPolicyAlone: Bool = false) -> Obligation {
        let isByDANE = host?.isDANEInForce ?? (verdict == .protectedDANE)
        if isByDANE, !byPolicyAlone || host?.failureWithoutDANE == nil { return .dane }
        switch mode {
        case .enforce: return .enforce
        case .testing: return .testing
        case .some, nil: return .none
        }
    }
}

extension HostJudgement {
    /// What is known of a topic at this host alone: in which way its TLSA records fail.
    fileprivate func explanation(of topic: Topic) -> Explanation? {
        guard let daneFailure else { return nil }
        switch topic.layer {
        case .dane: return daneFailure.explanation
        case .smtp where topic.code == SessionAdvice.addressFails.rawValue:
            return daneFailure == .oneOfSeveral ? daneFailure.explanation : nil
        default: return nil
        }
    }

    fileprivate func hasSMTPCode(_ code: String) -> Bool {
        status.rawValue == code || deviations.contains { $0.rawValue == code }
            || (code == SessionAdvice.addressFails.rawValue && !failingAddresses.isEmpty)
    }
}

extension Array {
    /// The array; nil where it is empty.
    fileprivate var nonEmpty: [Element]? { isEmpty ? nil : self }
}
