extension CertificateError: EnumValues {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .expired: "A certificate of the chain has expired (RFC 5280 §6.1.3)."
        case .notYetValid: "A certificate of the chain is not yet valid (RFC 5280 §6.1.3)."
        case .selfSigned: "The certificate is signed by itself (RFC 8461 §4.2)."
        case .chainIncomplete: "The leaf came alone, its issuer is unknown (RFC 8446 §4.4.2)."
        case .untrusted: "The chain ends at no trusted authority (RFC 8461 §4.2)."
        case .invalid: "The chain does not verify for another reason (RFC 5280 §6.1)."
        case .nameMismatch: "No DNS-ID matches the host's name (RFC 8461 §4.2)."
        case .cnOnly: "The host's name stands in the subject's CN only (RFC 8461 §4.2)."
        }
    }
}

extension CertificateStatus {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .ok: "The certificate verifies for the host's name (RFC 8461 §4.2)."
        case .expired: CertificateError.expired.meaning
        case .notYetValid: CertificateError.notYetValid.meaning
        case .selfSigned: CertificateError.selfSigned.meaning
        case .chainIncomplete: CertificateError.chainIncomplete.meaning
        case .untrusted: CertificateError.untrusted.meaning
        case .invalid: CertificateError.invalid.meaning
        case .nameMismatch: CertificateError.nameMismatch.meaning
        case .cnOnly: CertificateError.cnOnly.meaning
        }
    }
}

extension HostDANEStatus {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .ok: "The chain meets a usable TLSA record (RFC 7672 §3.1)."
        case .failed: "Usable TLSA, and no TLS or a chain that meets none (RFC 7672 §2.2)."
        case .unusable: "TLSA, and none of it can be used (RFC 7672 §2.2)."
        case .none: "Validated absence of TLSA (RFC 7672 §2.2)."
        case .insecure: "The answers for addresses or TLSA are not validated (RFC 7672 §2.2.2)."
        case .tempfail: "The TLSA lookup failed, so delivery waits (RFC 7672 §2.1.1)."
        case .unreached: "Usable TLSA, and no session to hold against it (RFC 7672 §2.2)."
        case .unknown: "The resolver's AD bit is not trusted (RFC 4035 §4.9.3)."
        case .notAsked: "No address is known, so TLSA was not asked for (RFC 7672 §2.2.2)."
        }
    }
}

extension DomainDANEStatus {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .unknown:
            "AD is not trusted, or no host with TLSA was reached or asked (RFC 4035 §4.9.3)."
        case .none: "The MX RRset is validated, and no host has TLSA (RFC 7672 §2.2)."
        case .insecure: "The MX RRset is not validated, and no host has TLSA (RFC 7672 §2.2.1)."
        case .hostOnly: "A host has usable TLSA, the MX RRset is not validated (RFC 7672 §2.2.1)."
        case .ok: "Every reached host meets its TLSA (RFC 7672 §2.2)."
        case .partial: "The hosts differ (RFC 7672 §2.2)."
        case .failed: "Every reached host fails its TLSA (RFC 7672 §2.2)."
        case .unusable: "Every host has TLSA that cannot be used (RFC 7672 §2.2)."
        case .tempfail: "Every TLSA lookup failed (RFC 7672 §2.1.1)."
        }
    }
}

extension HostOutcome {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .protectedDANE: "Delivered to a host that DANE authenticates (RFC 7672 §2.2)."
        case .protectedSTS: "Delivered to a host that an enforced policy allows (RFC 8461 §5)."
        case .refused: "DANE or an enforced policy forbids delivery (RFC 7672 §2.2, RFC 8461 §5)."
        case .encrypted: "TLS is mandatory and not authenticated (RFC 7672 §2.2)."
        case .opportunistic: "Delivered with TLS or without (RFC 7435 §3)."
        case .unreached: "Not refused, and no session was completed (RFC 5321 §4.5.4)."
        case .unknown: "A TLSA lookup failed, so delivery waits (RFC 7672 §2.1.1)."
        }
    }
}
