public import Findings
public import Records

/// One thing that is otherwise in a later scan; a domain can have several.
public enum Change: String, DocumentedValue, FieldValue {
    case adopted
    case dropped
    case recordBroken = "record_broken"
    case recordMended = "record_mended"
    case recordBeforePolicy = "record_before_policy"
    case policyPublished = "policy_published"
    case policyWithdrawn = "policy_withdrawn"
    case policyBroken = "policy_broken"
    case policyMended = "policy_mended"
    case vanishedWithinMaxAge = "vanished_within_max_age"
    case removedEarly = "removed_early"
    case policyUpdated = "policy_updated"
    case idChangedPolicySame = "id_changed_policy_same"
    case policyChangedIDSame = "policy_changed_id_same"
    case modeRaised = "mode_raised"
    case modeLowered = "mode_lowered"
    case optedOut = "opted_out"
    case maxAgeGrown = "max_age_grown"
    case maxAgeShrunk = "max_age_shrunk"
    case mxMoved = "mx_moved"
    case policyHostMoved = "policy_host_moved"
    case policyOutdated = "policy_outdated"
    case broken
    case mended
    case protectionLost = "protection_lost"
    case protectionGained = "protection_gained"
    case faultNew = "fault_new"
    case faultGone = "fault_gone"
    case causeChanged = "cause_changed"
    case daneAdopted = "dane_adopted"
    case daneDropped = "dane_dropped"
    case daneBroken = "dane_broken"
    case daneMended = "dane_mended"
    case tlsrptAdopted = "tlsrpt_adopted"
    case tlsrptDropped = "tlsrpt_dropped"
    case tlsrptBroken = "tlsrpt_broken"
    case tlsrptMended = "tlsrpt_mended"
    case certificateBroken = "certificate_broken"
    case certificateMended = "certificate_mended"
    case recordUnknownBefore = "record_unknown_before"
    case recordUnknownNow = "record_unknown_now"
    case policyUnknownBefore = "policy_unknown_before"
    case policyUnknownNow = "policy_unknown_now"
    case joinedList = "joined_list"
    case leftList = "left_list"

    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .adopted: "No record before, one now (RFC 8461 §3.1)."
        case .dropped: "A record before, none now (RFC 8461 §8.3)."
        case .recordBroken: "The record was valid and is no more (RFC 8461 §3.1)."
        case .recordMended: "The record was not valid and is now (RFC 8461 §3.1)."
        case .recordBeforePolicy: "A new record, and its policy is not served (RFC 8461 §8.1)."
        case .policyPublished: "The record had no policy behind it and has one now."
        case .policyWithdrawn: "A valid policy before, and none is there now (RFC 8461 §8.3)."
        case .policyBroken: "A valid policy before, now its fetch or its text fails."
        case .policyMended: "The fetch or the text of the policy failed, now it is valid."
        case .vanishedWithinMaxAge:
            "The record or the policy is gone, and senders still hold to it (RFC 8461 §8.3)."
        case .removedEarly: "Mode none is gone before its max_age was over (RFC 8461 §8.3)."
        case .policyUpdated: "Another policy under another id (RFC 8461 §3.1)."
        case .idChangedPolicySame: "Another id, and the policy says the same (RFC 8461 §3.1)."
        case .policyChangedIDSame:
            "Another policy under the same id: senders keep the old one (RFC 8461 §3.1)."
        case .modeRaised: "From none to testing or enforce, or from testing to enforce."
        case .modeLowered: "From enforce to testing (RFC 8461 §5)."
        case .optedOut: "From enforce or testing to none (RFC 8461 §8.3)."
        case .maxAgeGrown: "The policy is to be remembered longer (RFC 8461 §3.2)."
        case .maxAgeShrunk: "The policy is to be remembered less long (RFC 8461 §3.2)."
        case .mxMoved: "The MX hosts are below other registrable domains."
        case .policyHostMoved: "The policy host is an alias below another registrable domain."
        case .policyOutdated: "The policy allowed every MX host and does no more (RFC 8461 §4.1)."
        case .broken: "Mail was protected or would have been, and is not now, with a record still."
        case .mended: "Mail was not protected in spite of a record, and is now or would be."
        case .protectionLost: "Mail was protected by MTA-STS or DANE, and is not now."
        case .protectionGained: "Mail was not protected by MTA-STS or DANE, and is now."
        case .faultNew: "Nothing was to be mended, and now something is."
        case .faultGone: "Something was to be mended, and now nothing is."
        case .causeChanged: "Something is to be mended as before, for another verdict or cause."
        case .daneAdopted: "No usable TLSA in a validated zone before, some now (RFC 7672 §2.2)."
        case .daneDropped: "Usable TLSA in a validated zone before, none now (RFC 7672 §2.2)."
        case .daneBroken: "Every host met its TLSA, and some or all fail it now (RFC 7672 §2.2)."
        case .daneMended: "Some host failed its TLSA, and every one meets it now (RFC 7672 §2.2)."
        case .tlsrptAdopted: "No TLSRPT record before, one now (RFC 8460 §3)."
        case .tlsrptDropped: "A TLSRPT record before, none now (RFC 8460 §3)."
        case .tlsrptBroken: "The TLSRPT record was valid and is no more (RFC 8460 §3)."
        case .tlsrptMended: "The TLSRPT record was not valid and is now (RFC 8460 §3)."
        case .certificateBroken: "Every MX host's certificate was valid, and one is not now."
        case .certificateMended: "Some MX host's certificate was not valid, and all are now."
        case .recordUnknownBefore: "There is a record, and it was not known if there was one."
        case .recordUnknownNow: "There was a record, and it is not known if there is one."
        case .policyUnknownBefore: "The policy is valid, and could not be asked for before."
        case .policyUnknownNow: "The policy was valid, and could not be asked for now."
        case .joinedList: "The domain has a record; the earlier scan has none of it."
        case .leftList: "The domain had a record; the later scan has none of it."
        }
    }
}

extension DomainState.RecordState {
    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .absent: "There is nothing that means to be a record (RFC 8461 §3.1)."
        case .valid: "There is exactly one record, and it is valid (RFC 8461 §3.1)."
        case .invalid: "What is there is no valid record (RFC 8461 §3.1)."
        case .unknown: "The lookup failed."
        }
    }
}

extension DomainState.PolicyState {
    /// The meaning of the value, and its rule.
    public var meaning: String {
        switch self {
        case .notAsked: "No record called for a fetch (RFC 8461 §3.1)."
        case .valid: "A valid policy was served (RFC 8461 §3.2)."
        case .invalid: "What was served is no valid policy (RFC 8461 §3.2)."
        case .gone: "There is no policy host, or no such file (RFC 8461 §3.3)."
        case .failing: "The fetch failed for a reason that lasts (RFC 8461 §3.3)."
        case .unknown: "The fetch failed for a reason that may be of the moment."
        case .carriedOver: "It was not fetched: senders have it from before (RFC 8461 §3.1)."
        }
    }
}
