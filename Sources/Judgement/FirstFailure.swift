public import MTASTS
public import Observations

/// The first cause of a verdict that is less than protected mail, in the order a sender goes.
public enum FirstFailure: Hashable, Sendable {
    case mx(MXStatus)
    case record(STSRecordStatus)
    case policyFetch(PolicyFetchStatus)
    case policy(PolicyStatus)
    /// A host that no mx pattern matches.
    case mxMatch
    case smtp(ProbeStatus)
    case certificate(CertificateStatus)
    case dane(HostDANEStatus)

    /// The failure as written: the layer, a dot and the value of that layer's vocabulary.
    public var text: String { layer.rawValue + "." + word }

    /// The layer that failed.
    package var layer: SurveyFinding.Layer {
        switch self {
        case .mx: .mx
        case .record: .record
        case .policyFetch: .policyFetch
        case .policy: .policy
        case .mxMatch: .mxMatch
        case .smtp: .smtp
        case .certificate: .certificate
        case .dane: .dane
        }
    }

    package var word: String {
        switch self {
        case .mx(let status): status.rawValue
        case .record(let status): status.rawValue
        case .policyFetch(let status): status.rawValue
        case .policy(let status): status.rawValue
        case .mxMatch: MXMatch.none.rawValue
        case .smtp(let status): status.rawValue
        case .certificate(let status): status.rawValue
        case .dane(let status): status.rawValue
        }
    }
}

extension FirstFailure {
    /// The meaning of the layer's value, and its rule.
    public var meaning: String {
        switch self {
        case .mx(let status): status.meaning
        case .record(let status): status.meaning
        case .policyFetch(let status): status.meaning
        case .policy(let status): status.meaning
        case .mxMatch: MXMatch.none.meaning
        case .smtp(let status): status.meaning
        case .certificate(let status): status.meaning
        case .dane(let status): status.meaning
        }
    }
}

extension FirstFailure: CaseIterable {
    /// Every failure there can be, in pipeline order.
    public static var allCases: [FirstFailure] {
        MXStatus.allCases.filter { $0 != .hasMX && $0 != .implicit }.map { .mx($0) }
            + STSRecordStatus.allCases.filter { $0 != .ok }.map { .record($0) }
            + PolicyFetchStatus.allCases.filter { $0 != .ok && $0 != .notFetched }.map {
                .policyFetch($0)
            }
            + PolicyStatus.allCases.filter { $0 != .ok }.map { .policy($0) } + [.mxMatch]
            + ProbeStatus.allCases.filter { $0 != .ok && $0 != .notProbed }.map { .smtp($0) }
            + CertificateStatus.allCases.filter { $0 != .ok }.map { .certificate($0) }
            + [.dane(.failed), .dane(.unusable), .dane(.tempfail)]
    }
}

extension Judgement {
    /// The first cause of the verdict, in the order of a sender's steps; nil where nothing fails.
    ///
    /// What does not affect the verdict is no cause: an absent record where DANE decides, a missing
    /// host beside one that takes the mail.
    @inline(__always)
    var firstCause: FirstFailure? {
        switch verdict {
        case .protectedDANE, .protectedSTS, .testingOK: nil
        // RFC 7505 §3: a domain with a null MX takes no mail because it says so.
        case .noMail: mxStatus == .nullMX ? nil : .mx(mxStatus)
        case .refused: firstFailure { $0.outcome == .refused }
        case .testingWouldFail:
            firstFailure { !$0.meetsPolicy && ($0.outcome != .unreached || $0.isForbidden) }
        case .partial:
            (hosts.indices.contains { hosts[$0].outcome == .opportunistic } ? policyFailure : nil)
                ?? firstFailure { $0.outcome == .refused || $0.outcome == .encrypted }
        case .opportunistic: reason == .daneUnusable ? .dane(.unusable) : policyFailure
        case .unknown: unknownCause
        }
    }

    @inline(__always)
    private var unknownCause: FirstFailure? {
        switch reason {
        case .mxUnknown: .mx(mxStatus)
        case .recordUnknown: .record(record)
        case .daneTempfail: .dane(.tempfail)
        // A sender does not contact a host that the policy does not allow.
        default: unreachedCause
        }
    }

    private var unreachedCause: FirstFailure? {
        // Hosts are large, so they are read in place.
        for place in hosts.indices where hosts[place].outcome == .unreached {
            if let failure = hosts[place].failure { return failure }
        }
        return nil
    }

    /// What leaves the domain without a policy; nil where it has one.
    private var policyFailure: FirstFailure? {
        if record != .ok { return .record(record) }
        if let policyFetch, policyFetch != .ok, policyFetch != .notFetched {
            return .policyFetch(policyFetch)
        }
        return policyStatus.flatMap { $0 == .ok ? nil : .policy($0) }
    }

    /// The first failure of the hosts for which `isCause` is true: patterns are checked before a
    /// sender connects.
    private func firstFailure(where isCause: (HostJudgement) -> Bool) -> FirstFailure? {
        let causes = hosts.filter(isCause)
        if causes.contains(where: \.isForbidden) { return .mxMatch }
        return causes.lazy.compactMap(\.failure).first
    }
}

extension HostJudgement {
    /// Whether the policy applies to the host and does not allow it (RFC 8461 §4.1).
    var isForbidden: Bool { policyMatch == MXMatch.none && !isDANEInForce }

    /// What fails at the host, its patterns apart; nil where nothing does.
    @inline(__always)
    var failure: FirstFailure? {
        guard status == .ok else { return status == .notProbed ? nil : .smtp(status) }
        guard !isDANEInForce else { return dane == .ok ? nil : .dane(dane) }
        return certificate.flatMap { $0 == .ok ? nil : .certificate($0) }
    }
}
