public import MTASTS

/// The first thing that stands between a domain and protected mail, in the order a sender goes.
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

    /// The failure as written: the layer, a dot and the word of that layer's vocabulary.
    public var text: String { layer.rawValue + "." + word }

    /// The part of the way to the host that failed.
    var layer: SurveyFinding.Layer {
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

    private var word: String {
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
    /// What the layer's word says and by which rule.
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
            + PolicyFetchStatus.allCases.filter { $0 != .ok }.map { .policyFetch($0) }
            + PolicyStatus.allCases.filter { $0 != .ok }.map { .policy($0) } + [.mxMatch]
            + ProbeStatus.allCases.filter { $0 != .ok && $0 != .notProbed }.map { .smtp($0) }
            + CertificateStatus.allCases.filter { $0 != .ok }.map { .certificate($0) }
            + [.dane(.failed), .dane(.unusable), .dane(.tempfail)]
    }
}

extension FirstFailure: FieldValue {
    /// An enumeration of all failures.
    public static var fieldType: FieldType {
        .enumeration(allCases.map { Term(word: $0.text, meaning: $0.meaning) })
    }

    /// Appends the layer and the word.
    public func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        line.append(layer.rawValue)
        line.append(UInt8(ascii: "."))
        line.append(word)
        line.append(UInt8(ascii: "\""))
    }
}

extension Judgement {
    /// The first failure in pipeline order; nil where nothing failed.
    var earliestFailure: FirstFailure? {
        if mxStatus != .hasMX, mxStatus != .implicit { return .mx(mxStatus) }
        if record != .ok { return .record(record) }
        if let policyFetch, policyFetch != .ok { return .policyFetch(policyFetch) }
        if let policyStatus, policyStatus != .ok { return .policy(policyStatus) }
        if hosts.contains(where: \.isForbidden) { return .mxMatch }
        return hosts.lazy.compactMap(\.failure).first
    }
}

extension HostJudgement {
    /// Whether the policy speaks of the host and allows it not (RFC 8461 §4.1).
    var isForbidden: Bool { policyMatch == MXMatch.none && !isDANEInForce }

    /// What fails at the host, its patterns apart; nil where nothing does.
    var failure: FirstFailure? {
        guard status == .ok else { return status == .notProbed ? nil : .smtp(status) }
        guard !isDANEInForce else { return dane == .ok ? nil : .dane(dane) }
        return certificate.flatMap { $0 == .ok ? nil : .certificate($0) }
    }
}
