internal import DNS
internal import MTASTS
internal import Observations

/// What a policy is to one sender.
enum SenderPolicy {
    /// Nothing: there is none, it is not understood, or its mode is none (RFC 8461 §5).
    case none
    /// A policy that is enforced or tested.
    case inForce(Mode, PolicyMatcher)
    /// An enforced policy that the sender cannot act by, so that it defers all mail.
    case broken
    /// More would have to be known.
    case unknown

    /// How hosts are matched; nil where the sender has no policy.
    var matcher: PolicyMatcher? { if case .inForce(_, let matcher) = self { matcher } else { nil } }

    /// In a word, for a finding.
    var word: String {
        switch self {
        case .none: "no policy"
        case .inForce(let mode, _): "mode \(mode.rawValue)"
        case .broken: "a policy that defers all mail"
        case .unknown: "more than was read here"
        }
    }
}

/// What each sender makes of the response of a policy host.
struct SenderPolicies {
    /// What it is by the RFC.
    let rfc: SenderPolicy
    /// What it is to the others, by their indexes; nil where all read what the RFC does.
    private(set) var others: [SenderPolicy]?
    /// The senders that read something else than the RFC, by what they read.
    private(set) var differences: [(word: String, senders: [Sender])] = []

    /// Without a policy, or before one has been fetched.
    init() { rfc = .none }

    /// Reads the response: the RFC's `policy` is what the others are compared with.
    init(_ seen: PolicyObservation, _ policy: PolicyJudgement, rfc: PolicyMatcher?, hostCount: Int)
    {
        self.rfc = rfc.flatMap { rfc in policy.policy.map { .inForce($0.mode, rfc) } } ?? .none
        guard policy.mayBeReadOtherwise(seen), let response = seen.response else { return }
        var read: [SenderPolicy] = []
        for (sender, model) in SenderModel.all {
            guard let model, let reader = model.reader else {
                read.append(sender == .rfc ? self.rfc : .none)
                continue
            }
            let reading = reader.read(response)
            if let common = policy.policy, reading.isSame(as: common) {
                read.append(model.reads(common, as: self.rfc))
            } else {
                read.append(model.policy(of: reading, hostCount: hostCount))
                note(sender, read[read.count - 1])
            }
        }
        others = read
    }

    private mutating func note(_ sender: Sender, _ policy: SenderPolicy) {
        // What none of both has is no difference.
        if case (.none, .none) = (policy, rfc) { return }
        if let place = differences.firstIndex(where: { $0.word == policy.word }) {
            differences[place].senders.append(sender)
        } else {
            differences.append((policy.word, [sender]))
        }
    }

    /// What it is to the sender at an index, which has this model.
    func policy(of model: SenderModel, at place: Int) -> SenderPolicy {
        if let others { return others[place] }
        return model.reader == nil ? .none : rfc
    }

    /// That senders differ, and which; none where they do not.
    var findings: [SurveyFinding] {
        guard !differences.isEmpty else { return [] }
        let readers = differences.map { word, senders in
            word + " by " + senders.map(\.rawValue).joined(separator: ", ")
        }
        let advice = PolicyAdvice.sendersDiffer
        return [
            SurveyFinding(
                .policy, advice.rawValue, .warning, section: advice.section,
                message: "contested: read as \(rfc.word) by the RFC; as "
                    + readers.joined(separator: "; as "),
                isContested: advice.isContested)
        ]
    }

    /// Whether it is anything to any sender.
    var concernsAny: Bool {
        func isSomething(_ policy: SenderPolicy) -> Bool {
            if case .none = policy { false } else { true }
        }
        return isSomething(rfc) || others?.contains(where: isSomething) == true
    }
}

extension PolicyJudgement {
    /// Whether a sender may read another policy than the RFC's.
    ///
    /// Nearly all policies are plain, and are read once for all senders.
    fileprivate func mayBeReadOtherwise(_ seen: PolicyObservation) -> Bool {
        guard let policy, status == .ok else { return true }
        if seen.contentEncoding != nil || policy.maxAge == 0 { return true }
        if findings.contains(where: { $0.code != PolicyAdvice.shortMaxAge.rawValue }) {
            return true
        }
        guard seen.source == .fetched else { return false }
        guard let type = seen.contentType else { return true }
        return !plainTypes.contains { type.elementsEqual($0) }
    }
}

/// How the media type of most policies is spelled: all senders take these, for a text of US-ASCII.
private let plainTypes = [
    "text/plain", "text/plain; charset=utf-8", "text/plain;charset=utf-8",
    "text/plain; charset=UTF-8", "text/plain;charset=UTF-8", "text/plain; charset=us-ascii",
].map { Array($0.utf8) }

extension PolicyObservation {
    /// The response, as far as senders may read a policy in it.
    fileprivate var response: PolicyResponse? {
        guard let body else { return nil }
        let isOK =
            switch status {
            case .ok: true
            case .tooLarge, .httpProtocol: httpStatus == 200
            case .http3xx, .http404, .http4xx, .http5xx, .httpOther: false
            default: Bool?.none
            }
        guard let isOK, status != .httpProtocol || isBodyCoded else { return nil }
        return PolicyResponse(
            isOK: isOK, contentType: contentType, hasHeader: source == .fetched,
            contentEncoding: contentEncoding, isStillCoded: isBodyCoded,
            isCut: status == .tooLarge, body: body)
    }
}

extension PolicyReading {
    /// Whether it says of hosts what the RFC's policy does.
    fileprivate func isSame(as policy: Policy) -> Bool {
        guard case .policy(let read) = self, read.mode == policy.mode else { return false }
        return Set(read.patterns.map(inLowerCase)) == Set(policy.mx.map(\.description))
    }
}

extension SenderModel {
    /// A policy that the sender reads as the RFC does.
    fileprivate func reads(_ policy: Policy, as rfc: SenderPolicy) -> SenderPolicy {
        policy.mode == .none ? .none : rfc
    }

    /// What a reading of its own is to the sender.
    fileprivate func policy(of reading: PolicyReading, hostCount: Int) -> SenderPolicy {
        guard case .policy(let read) = reading else {
            return reading == .unknown ? .unknown : .none
        }
        guard read.mode != .none else { return .none }
        guard let patterns = patterns(of: read.patterns) else {
            return read.mode == .enforce ? .broken : .none
        }
        // The core knows no IDNA.
        if convertsULabels, read.patterns.contains(where: { $0.utf8.contains { $0 >= 0x80 } }) {
            return .unknown
        }
        let policy = Policy(mode: read.mode, maxAge: read.maxAge, mx: patterns)
        return .inForce(
            read.mode, PolicyMatcher(policy, hostCount: hostCount, formerHosts: []))
    }

    /// The patterns of the values of mx; nil where the sender cannot take the list.
    private func patterns(of texts: [String]) -> [MXPattern]? {
        let separators: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ",")]
        if handsOverPatterns,
            texts.contains(where: { $0.utf8.contains(where: separators.contains) })
        {
            return nil
        }
        // Postfix splits the list at colons, and does without what is empty.
        let names = texts.map { $0.drop { $0 == "*" } }.flatMap { $0.split(separator: ":") }
        if handsOverPatterns, names.isEmpty { return nil }
        guard patternTexts == .withoutAsterisks else { return texts.map(pattern) }
        return names.filter { $0 != "." }.map { name in
            let text = inLowerCase(String(name))
            return text.hasPrefix(".")
                ? .wildcard(under: DomainName(canonical: String(text.dropFirst())))
                : .host(DomainName(canonical: text))
        }
    }

    private func pattern(_ text: String) -> MXPattern {
        let name = inLowerCase(text)
        return name.hasPrefix("*.") && name.utf8.count > 2
            ? .wildcard(under: DomainName(canonical: String(name.dropFirst(2))))
            : .host(DomainName(canonical: name))
    }
}
