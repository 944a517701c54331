public import Judgement

extension HostDANEStatus: Explained {
    /// What the status means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The certificate of {host} matches its TLSA record.")
        case .failed:
            Explanation(
                Template(
                    """
                    The certificate of {host} does not match its TLSA records. They are: {tlsa}. \
                    The record for the key in use would be "{tlsa_wanted}".
                    """,
                    or: "The certificate of {host} does not match its TLSA records: {tlsa}.",
                    "The certificate of {host} does not match its TLSA records."),
                at: .zone, effect: .hostUnverified,
                fix: Template(
                    """
                    If you changed the certificate, add the TLSA record for its key at \
                    {tlsa_name}: "{tlsa_wanted}". When the old records have expired from caches, \
                    remove those that nothing matches any more. If you did not change it, find \
                    out who did before you publish anything.
                    """,
                    or: """
                        If you changed the certificate, publish the TLSA record for its key: usage \
                        3, selector 1, matching type 1 and the SHA-256 digest of the public key. \
                        If you did not change it, find out who did before you publish anything.
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
                Template(
                    "The lookup of the TLSA records of {host} fails: {dns_fault}.",
                    or: "The lookup of the TLSA records of {host} fails."), at: .zone,
                effect: .deliveryWaits,
                fix: """
                    Have all name servers of the zone of {host} answer queries for TLSA with valid \
                    DNSSEC signatures. Where there is no TLSA record, they must prove that.
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

extension DANEFailure: Explained {
    /// What the class of the failure means to the owner.
    public var explanation: Explanation {
        switch self {
        case .noTLS:
            Explanation(
                Template(
                    """
                    {host} has TLSA records ({tlsa}), which oblige senders to use TLS, and TLS \
                    fails there.
                    """,
                    or: "{host} has TLSA records, which oblige senders to use TLS, and TLS fails."),
                at: .mailServer, effect: .hostUnverified,
                fix: "Make TLS work on {host}, or remove its TLSA records if it is to have none.")
        case .oneOfSeveral:
            Explanation(
                Template(
                    """
                    No TLSA record of {host} matches the certificate at {failing_addresses}, while \
                    one matches that at its other addresses.
                    """,
                    or: "{host} shows different certificates, and no TLSA record matches one."),
                at: .mailServer, effect: .nothing,
                fix: """
                    Install the same key and certificate at all addresses of {host}, or publish a \
                    TLSA record for each key.
                    """)
        case .taInvalid, .taName: authorityExplanation
        case .eeMismatch: HostDANEStatus.failed.explanation
        case .taMismatch:
            mistake(
                Template(
                    """
                    No TLSA record of {host} matches an authority in the chain that it sends. They \
                    are: {tlsa}.
                    """,
                    or: "No TLSA record of {host} matches an authority in the chain it sends."),
                Template(
                    """
                    If you have changed to another issuer, publish a record for its authority at \
                    {tlsa_name}, or one for the host's own key, which no issuer changes: \
                    "{tlsa_wanted}". If you have not, find out who did before you publish anything.
                    """,
                    or: """
                        If you have changed to another issuer, publish a record for its authority, \
                        or one for the host's own key. If you have not, find out who did before \
                        you publish anything.
                        """), .daneRollover)
        case .strongerDigest, .issuerAsEE, .leafAsTA, .taNotSent, .otherSelector,
            .digestOfNothing, .digestOfPEM, .wrongMatchingType:
            slipExplanation
        }
    }

    /// Usage 2, of which dates and names count (RFC 7672 §3.1.2).
    private var authorityExplanation: Explanation {
        mistake(
            Template(
                """
                A TLSA record of {host} matches an authority in its chain, but the certificate is \
                {fault}, and with usage 2 (DANE-TA) that counts. The records are: {tlsa}.
                """,
                or: """
                    A TLSA record of {host} matches an authority in its chain, but the certificate \
                    is not valid, and with usage 2 (DANE-TA) that counts.
                    """),
            Template(
                """
                Install another certificate for {host}: the one in use is {fault}. Or add a TLSA \
                record of usage 3 for its key at {tlsa_name}, with which neither dates nor names \
                count: "{tlsa_wanted}".
                """,
                or: """
                    Install another certificate for {host}. Or add a TLSA record of usage 3 for \
                    its key, with which neither dates nor names count.
                    """))
    }

    /// Mistakes in how a record was made.
    private var slipExplanation: Explanation {
        switch self {
        case .strongerDigest:
            mistake(
                Template(
                    """
                    The SHA-256 record of {host} (matching type 1) matches, but its SHA-512 record \
                    (matching type 2) does not, and senders use the stronger. They are: {tlsa}.
                    """,
                    or: """
                        The SHA-256 record of {host} matches, but its SHA-512 record does not, and \
                        senders use the stronger.
                        """),
                """
                Remove the records of matching type 2, or publish that of the key in use in their \
                place.
                """)
        case .issuerAsEE:
            mistake(
                Template(
                    """
                    A TLSA record of {host} has the digest of its issuer under usage 3, which \
                    stands for the host's own certificate. The records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} has the digest of its issuer under usage 3."),
                Template(
                    """
                    Change usage 3 to 2 in this record at {tlsa_name}, or replace it with that of \
                    the host's own key: "{tlsa_wanted}".
                    """,
                    or: "Change usage 3 to 2, or publish the record of the host's own key."))
        case .leafAsTA:
            mistake(
                Template(
                    """
                    A TLSA record of {host} has the digest of the host's own certificate or key \
                    under usage 2, which stands for an authority. The records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} has its own digest under usage 2."),
                .replaceTLSA)
        case .taNotSent:
            mistake(
                Template(
                    """
                    A TLSA record of {host} stands for an authority whose certificate {host} does \
                    not send. The records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} stands for an authority that {host} does not send."
                ),
                Template(
                    """
                    Configure the mail server to send the certificate of that authority as well, \
                    or publish a record for the host's own key at {tlsa_name}: "{tlsa_wanted}".
                    """,
                    or: """
                        Configure the mail server to send the certificate of that authority as \
                        well, or publish a record for the host's own key.
                        """))
        case .otherSelector:
            mistake(
                Template(
                    """
                    A TLSA record of {host} has the right digest under the wrong selector: 0 \
                    stands for the whole certificate, 1 for its public key. The records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} has the right digest under the wrong selector."),
                .replaceTLSA)
        case .digestOfNothing:
            mistake(
                Template(
                    """
                    A TLSA record of {host} is the digest of no data at all: the command that made \
                    it had no input. The records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} is the digest of no data at all."),
                .replaceTLSA)
        case .digestOfPEM:
            mistake(
                Template(
                    """
                    A TLSA record of {host} is the digest of a PEM text instead of its binary form \
                    (DER). The records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} is the digest of a PEM text instead of DER."),
                .replaceTLSA)
        default:
            Explanation(
                Template(
                    """
                    A TLSA record of {host} does not have the length of its digest: matching type \
                    1 is SHA-256, with 64 hexadecimal digits, and 2 is SHA-512, with 128. The \
                    records are: {tlsa}.
                    """,
                    or: "A TLSA record of {host} does not have the length of its digest."),
                at: .zone, effect: .encryptedOnly, fix: .replaceTLSA)
        }
    }

    private func mistake(_ found: Template, _ steps: Template...) -> Explanation {
        Explanation(found, at: .zone, effect: .hostUnverified, steps: steps)
    }
}

extension Template {
    static let replaceTLSA = Template(
        "Replace that record at {tlsa_name} with that of the key in use: \"{tlsa_wanted}\".",
        or: """
            Replace that record with that of the key in use: usage 3, selector 1, matching type 1 \
            and the SHA-256 digest of the public key.
            """)
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
        case .failed:
            Explanation("No mail host of {domain} has a certificate that matches its TLSA records.")
        case .unusable: Explanation("No sender can use the TLSA records of {domain}'s mail hosts.")
        case .tempfail: Explanation("All lookups of TLSA records for {domain} fail.")
        }
    }
}

extension HostDANEStatus {
    /// What is said of it among the facts about a host.
    public var label: String {
        switch self {
        case .ok: "DANE: the certificate matches the TLSA records"
        case .failed: "DANE: the certificate does not match the TLSA records"
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
