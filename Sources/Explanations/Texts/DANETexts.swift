public import Judgement

extension HostDANEStatus: Explained {
    /// What the status means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The certificate of {host} meets its TLSA record.")
        case .failed:
            Explanation(
                Template(
                    """
                    The certificate of {host} does not meet its TLSA records. They are: {tlsa}. \
                    The key in use would have: "{tlsa_wanted}".
                    """,
                    or: "{host} has TLSA records ({tlsa}), but no TLS that could meet them.",
                    "{host} has TLSA records, and its TLS does not meet them.",
                    special: """
                        A TLSA record of {host} matches its chain, but the certificate is \
                        {fault}, which counts with usage 2 (DANE-TA). The records are: {tlsa}.
                        """),
                at: .zone, effect: .hostUnverified,
                fix: Template(
                    """
                    If you changed the certificate, add the TLSA record for its key at \
                    {tlsa_name}: "{tlsa_wanted}". When the old records have expired from caches, \
                    remove those that nothing meets any more. If you did not change it, find out \
                    who did before you publish anything.
                    """,
                    or:
                        """
                        Make TLS work on {host}, or remove its TLSA records if it is to have none.
                        """,
                    special: """
                        Install a certificate for {host} that is not {fault}. Or add a TLSA record \
                        of usage 3 for its key at {tlsa_name}, with which neither dates nor names \
                        count: "{tlsa_wanted}".
                        """),
                .daneRollover)
        case .unusable:
            Explanation(
                Template(
                    "No sender can use the TLSA records of {host}: {tlsa}.",
                    or: "No sender can use the TLSA records of {host}."),
                at: .zone, effect: .encryptedOnly,
                fix: Template(
                    """
                    Publish records of usage 3 (or 2) with a whole SHA-256 digest at {tlsa_name}, \
                    such as "{tlsa_wanted}", and remove the others: usages 0 and 1 are not for mail.
                    """,
                    or: """
                        Publish records of usage 3 (or 2) with a whole SHA-256 digest, and remove \
                        the others: usages 0 and 1 are not for mail.
                        """))
        case .none:
            Explanation("DANE is not used for {host}: it has no TLSA record.")
        case .insecure:
            Explanation(
                """
                DANE is not used for {host}: the zone of the host, or of its TLSA records, is not \
                signed by DNSSEC.
                """)
        case .tempfail:
            Explanation(
                "The lookup of the TLSA records of {host} fails.", at: .zone,
                effect: .deliveryWaits,
                fix: """
                    Have all name servers of the zone of {host} answer for TLSA, with valid DNSSEC \
                    signatures: also where there is no such record, they must prove its absence.
                    """)
        case .unreached:
            Explanation(
                "{host} has TLSA records, but it was not reached, so nothing could be compared.")
        case .unknown:
            Explanation(
                """
                Whether DANE is used for {host} is not known: the resolver is not trusted to \
                validate.
                """
            )
        case .notAsked:
            Explanation("{host} has no known address, so it was not asked for TLSA records.")
        }
    }
}

extension Template {
    /// How keys are changed with DANE (RFC 7671 §8.1).
    static let daneRollover: Template =
        """
        At the next change of keys, publish the new TLSA record beside the old one first, wait for \
        two of its TTLs, then install the certificate, and remove the old record last.
        """
}

extension DomainDANEStatus: Explained {
    /// What the status means to the owner.
    public var explanation: Explanation {
        switch self {
        case .unknown: Explanation("Whether DANE protects mail for {domain} is not known.")
        case .none: Explanation("DANE is not used: no mail host of {domain} has a TLSA record.")
        case .insecure:
            Explanation("DANE is not used: the zone of {domain} is not signed by DNSSEC.")
        case .hostOnly:
            Explanation(
                """
                Mail hosts have TLSA records, but senders do not rely on them, because the MX \
                records of {domain} are not signed by DNSSEC.
                """)
        case .ok: Explanation("DANE protects mail for {domain}.")
        case .partial: Explanation("DANE protects mail at some hosts of {domain} only.")
        case .failed: Explanation("No mail host of {domain} meets its TLSA records.")
        case .unusable: Explanation("No sender can use the TLSA records of {domain}'s mail hosts.")
        case .tempfail: Explanation("All lookups of TLSA records for {domain} fail.")
        }
    }
}

extension HostDANEStatus {
    /// What is said of it among the facts about a host.
    public var label: String {
        switch self {
        case .ok: "DANE: the certificate meets the TLSA records"
        case .failed: "DANE: the TLSA records are not met"
        case .unusable: "DANE: senders can use none of the TLSA records"
        case .none: "DANE is not used: the host has no TLSA record"
        case .insecure: "DANE is not used: the zone is not signed by DNSSEC"
        case .tempfail: "DANE: not known, because the lookup of TLSA records fails"
        case .unreached: "DANE: nothing to compare, because the host was not reached"
        case .unknown: "DANE: not known, because the resolver is not trusted to validate"
        case .notAsked: "DANE: not asked, because the host has no known address"
        }
    }
}
