public import Judgement

extension CertificateStatus: Explained {
    /// What the status of a mail server's certificate means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The certificate of {host} is valid for that name.")
        case .expired:
            fault(
                Template(
                    "The certificate of {host} expired on {expiry}.",
                    or: "A certificate in the chain that {host} sends has expired."),
                """
                Renew the certificate, install it with its chain, have the mail server load it, \
                and set up automatic renewal.
                """)
        case .notYetValid:
            fault(
                Template(
                    "The certificate of {host} is not valid before {begin}.",
                    or: "A certificate in the chain that {host} sends is not valid yet."),
                """
                Install a certificate that is valid today, and check the clocks of the mail server \
                and of the machine that ran the check.
                """)
        case .selfSigned:
            fault(
                "The certificate of {host} is self-signed, not issued by a public authority.",
                .installForHost)
        case .chainIncomplete:
            fault(
                Template(
                    """
                    {host} sends only its own certificate, without the intermediate certificate \
                    of its issuer ({issuer}).
                    """,
                    or: """
                        {host} sends only its own certificate, without the intermediate \
                        certificate of its issuer.
                        """),
                """
                Configure the mail server to send the whole chain: the certificate, then the \
                intermediate ones (ACME clients call that file fullchain.pem).
                """)
        case .untrusted:
            fault(
                Template(
                    """
                    The certificate of {host} comes from an authority that is not trusted: \
                    {issuer}.
                    """,
                    or: "The certificate of {host} comes from an authority that is not trusted."),
                .installForHost)
        case .invalid:
            fault(
                """
                The certificate of {host} breaks the rules for certificates: a weak key or \
                signature, a wrong purpose, or a constraint of its authority.
                """, .installForHost)
        case .nameMismatch:
            fault(
                Template(
                    "The certificate of {host} is for other names: {names}.",
                    or: "The certificate of {host} is for other names."),
                """
                Get a certificate that names {host}, as the MX record has it, from a public \
                authority, and install it with its chain on the mail server.
                """)
        case .cnOnly:
            fault(
                """
                The certificate of {host} has this name only as the common name of its subject, \
                which does not count for MTA-STS.
                """,
                """
                Get a certificate that has {host} among its subject alternative names, as public \
                authorities issue them, and install it with its chain on the mail server.
                """)
        }
    }

    private func fault(_ found: Template, _ step: Template) -> Explanation {
        Explanation(
            found, at: .certificate, effect: .hostUnverified, fix: step, .mindTLSA)
    }
}

extension CertificateAdvice: Explained {
    /// What the finding means to the owner.
    package var explanation: Explanation {
        switch self {
        case .weakKey:
            Explanation(
                """
                A key in the certificate chain of {host} is weak (less than 112 bits of strength).
                """,
                at: .certificate, effect: .sendersDifferOnHost,
                fix: "Use a key of at least 2048 bits (RSA) or 256 bits (ECDSA).", .mindTLSA)
        case .expiresSoon:
            Explanation(
                Template(
                    """
                    The certificate of {host} ends on {last_day}: less than a tenth of its \
                    lifetime is left.
                    """,
                    or: "Less than a tenth of the lifetime of the certificate of {host} is left."),
                at: .certificate, effect: .certificateEnds,
                fix: """
                    Renew the certificate and have the mail server load it. Find out why it was \
                    not renewed automatically: that should happen when a third is left.
                    """, .mindTLSA)
        }
    }
}
