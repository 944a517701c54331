internal import Explanations
internal import Judgement
internal import MTASTS

extension Change {
    /// What has changed from one state of a domain to a later one, in the order of the vocabulary.
    ///
    /// A nil state is that of a scan without the domain. What is unknown in one of the two is
    /// neither new nor gone.
    public static func all(from old: DomainState?, to new: DomainState?) -> [Change] {
        guard let old else { return new?.hasRecord == true ? [.joinedList] : [] }
        guard let new else { return old.hasRecord ? [.leftList] : [] }
        let comparison = StateComparison(old: old, new: new)
        return allCases.filter { comparison.has($0) }
    }
}

/// Two states of a domain beside each other.
private struct StateComparison {
    let old: DomainState
    let new: DomainState

    func has(_ change: Change) -> Bool {
        switch change {
        case .adopted: old.record == .absent && new.hasRecord
        case .dropped: old.hasRecord && new.record == .absent
        case .recordBroken: old.record == .valid && new.record == .invalid
        case .recordMended: old.record == .invalid && new.record == .valid
        case .recordUnknownBefore: old.record == .unknown && new.hasRecord
        case .recordUnknownNow: old.hasRecord && new.record == .unknown
        case .mxMoved: differ(\.mxProviders) && (old.hasRecord || new.hasRecord)
        case .policyHostMoved: differ(\.policyProvider)
        case .policyOutdated: old.isWhollyMatched == true && new.isWhollyMatched == false
        case .broken: hasRecordInBoth && old.works && new.fails
        case .mended: hasRecordInBoth && old.fails && new.works
        case .joinedList, .leftList: false
        default: hasOfPolicy(change)
        }
    }

    /// Changes of what becomes of mail, and of what domains have without a record too.
    private func hasOfOutcome(_ change: Change) -> Bool {
        switch change {
        case .protectionLost: old.isProtected && !new.isProtected && new.verdict != .unknown
        case .protectionGained: new.isProtected && !old.isProtected && old.verdict != .unknown
        case .faultNew: old.need == .nothing && new.need == .mending
        case .faultGone: old.need == .mending && new.need == .nothing
        case .causeChanged: old.need == .mending && new.need == .mending && hasOtherCause
        case .daneAdopted: old.usesDANE == false && new.usesDANE == true
        case .daneDropped: old.usesDANE == true && new.usesDANE == false
        case .daneBroken: old.dane == .ok && new.usesDANE == true && new.dane != .ok
        case .daneMended: old.usesDANE == true && old.dane != .ok && new.dane == .ok
        case .tlsrptAdopted: old.tlsrpt == .absent && new.tlsrpt.isThere
        case .tlsrptDropped: old.tlsrpt.isThere && new.tlsrpt == .absent
        case .tlsrptBroken: old.tlsrpt == .valid && new.tlsrpt == .invalid
        case .tlsrptMended: old.tlsrpt == .invalid && new.tlsrpt == .valid
        case .certificateBroken: old.certificate == .ok && isBad(new.certificate)
        case .certificateMended: isBad(old.certificate) && new.certificate == .ok
        default: false
        }
    }

    private var hasOtherCause: Bool {
        old.verdict != new.verdict || old.reason != new.reason || old.failure != new.failure
    }

    private func isBad(_ certificate: CertificateStatus?) -> Bool {
        certificate.map { $0 != .ok } ?? false
    }

    private func hasOfPolicy(_ change: Change) -> Bool {
        switch change {
        case .recordBeforePolicy: old.record == .absent && new.hasRecord && isNotServed
        case .policyPublished: hasRecordInBoth && old.policy == .gone && new.policy == .valid
        case .policyWithdrawn: hasRecordInBoth && old.hasPolicy && new.policy == .gone
        case .policyBroken: hasRecordInBoth && old.hasPolicy && isBad(new.policy)
        case .policyMended: hasRecordInBoth && isBad(old.policy) && new.policy == .valid
        case .policyUnknownBefore: old.policy == .unknown && new.policy == .valid
        case .policyUnknownNow: old.hasPolicy && new.policy == .unknown
        case .vanishedWithinMaxAge: isRemembered && isGone && old.terms?.mode != Mode.none
        case .removedEarly: isRemembered && isGone && old.terms?.mode == Mode.none
        default: hasOfTerms(change)
        }
    }

    private func hasOfTerms(_ change: Change) -> Bool {
        // A policy that was carried over was not fetched, so it is no sign of a change.
        guard new.policy == .valid, let before = old.terms, let after = new.terms else {
            return hasOfOutcome(change)
        }
        let (isOther, isUnderOtherID) = (before != after, differ(\.id))
        return switch change {
        case .policyUpdated: isOther && isUnderOtherID
        case .idChangedPolicySame: !isOther && isUnderOtherID
        case .policyChangedIDSame: isOther && old.id != nil && old.id == new.id
        case .modeRaised: before.mode.strength < after.mode.strength
        case .modeLowered: before.mode == .enforce && after.mode == .testing
        case .optedOut: before.mode != .none && after.mode == .none
        case .maxAgeGrown: before.maxAge < after.maxAge
        case .maxAgeShrunk: before.maxAge > after.maxAge
        default: hasOfOutcome(change)
        }
    }

    private var hasRecordInBoth: Bool { old.hasRecord && new.hasRecord }

    /// Whether senders that had the policy at the old scan still hold to it at the new one: only
    /// those of a valid record had it (RFC 8461 §3.1).
    private var isRemembered: Bool {
        guard old.record == .valid, let terms = old.terms else { return false }
        return new.scannedAt - old.scannedAt < Int64(terms.maxAge)
    }

    /// Whether the policy is known not to be served.
    private var isNotServed: Bool { new.policy == .gone || new.policy == .failing }

    private var isGone: Bool { new.record == .absent || new.policy == .gone }

    private func isBad(_ policy: DomainState.PolicyState) -> Bool {
        policy == .invalid || policy == .failing
    }

    /// Whether both are known, and not the same.
    private func differ(_ path: KeyPath<DomainState, String?>) -> Bool {
        guard let before = old[keyPath: path], let after = new[keyPath: path] else { return false }
        return before != after
    }
}

extension Mode {
    fileprivate var strength: Int {
        switch self {
        case .none: 0
        case .testing: 1
        case .enforce: 2
        }
    }
}
