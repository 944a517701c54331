public import Judgement
public import Observations
public import SMTP

extension ProbeStatus: Explained {
    /// What the end of the probe means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("{host} offers TLS.")
        case .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError,
            .junkName, .notContacted, .blocked, .notProbed:
            nameExplanation
        case .tcpRefused, .tcpTimeout, .tcpReset, .tcpUnreachable: connectionExplanation
        case .greetingTimeout, .greetingClosed, .greeting4xx, .greeting5xx, .notSMTP, .ehlo4xx,
            .ehlo5xx, .ehloRejected, .ehloTimeout, .ehloClosed:
            dialogueExplanation
        case .starttlsNotOffered, .starttlsStripped, .starttls2xx, .starttls4xx, .starttls5xx,
            .starttlsTimeout, .starttlsClosed:
            startTLSExplanation
        case .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol, .tlsOldVersion, .tlsEHLOTimeout,
            .tlsEHLOClosed:
            handshakeExplanation
        }
    }

    private var nameExplanation: Explanation {
        switch self {
        case .dnsNXDomain:
            Explanation(
                "Mail for {domain} goes to {host}, a name that does not exist.", at: .zone,
                effect: .hostMissing, fix: .mendHostName)
        case .dnsNoData:
            Explanation(
                "Mail for {domain} goes to {host}, which has no address.", at: .zone,
                effect: .hostMissing, fix: .mendHostName)
        case .dnsServfail:
            Explanation(
                Template(
                    "The lookup of the address of {host} fails (SERVFAIL): {dns_fault}.",
                    or: """
                        The lookup of the address of {host} fails (SERVFAIL): its name servers \
                        fail, its DNSSEC signatures do not verify, or its aliases (CNAME) form a \
                        loop.
                        """), at: .zone, effect: .hostUnreached, fix: .checkHostZone)
        case .dnsRefused:
            Explanation(
                "A name server refuses to give the address of {host}.", at: .zone,
                effect: .hostUnreached, fix: .checkHostZone)
        case .dnsTimeout:
            Explanation(
                "No name server gave the address of {host} in time.", at: .zone,
                effect: .hostUnreached, fix: .checkHostZone)
        case .dnsError:
            Explanation(
                Template(
                    "The answer for the address of {host} cannot be used: {dns_fault}.",
                    or: "The answer for the address of {host} cannot be used."),
                at: .zone, effect: .hostUnreached, fix: .checkHostZone)
        case .junkName:
            Explanation(
                "An MX record of {domain} names {host}, which cannot be a mail server.", at: .zone,
                effect: .nothing,
                fix: """
                    Write the full public name of the mail server into this MX record, or remove \
                    the record.
                    """)
        case .notContacted:
            Explanation(
                Template(
                    "{host} has only private or reserved addresses: {addresses}.",
                    or: "{host} has only private or reserved addresses."),
                at: .zone, effect: .hostUnreached,
                fix: "Give {host} a public address, or name another host in the MX record.")
        case .blocked:
            Explanation(
                "The blocklist of this check excludes {host}, so it was not contacted.",
                at: .client, effect: .hostUnknown)
        default: Explanation("{host} was not contacted.", at: .client, effect: .hostUnknown)
        }
    }

    private var connectionExplanation: Explanation {
        switch self {
        case .tcpRefused:
            Explanation(
                Template(
                    "{host} refuses connections for mail ({address}, port 25).",
                    or: "{host} refuses connections for mail (port 25)."),
                at: .mailServer, effect: .hostUnreached, fix: .serveSMTP, .portBlocked)
        case .tcpTimeout:
            Explanation(
                Template(
                    "{host} does not answer on port 25 ({address}).",
                    or: "{host} does not answer on port 25."),
                at: .mailServer, effect: .hostUnreached, fix: .serveSMTP, .portBlocked)
        case .tcpReset:
            Explanation(
                Template(
                    "{host} breaks connections to port 25 off before its greeting ({address}).",
                    or: "{host} breaks connections to port 25 off before its greeting."),
                at: .mailServer, effect: .hostUnreached, fix: .serveSMTP)
        default:
            Explanation(
                Template(
                    "There is no route to {host} ({address}).",
                    or: "There is no route to {host}."),
                at: .mailServer, effect: .hostUnreached,
                fix:
                    "Check that the addresses of {host} are right and can be reached from outside.",
                .portBlocked)
        }
    }

    private var dialogueExplanation: Explanation {
        switch self {
        case .greetingTimeout:
            Explanation(
                "{host} accepts connections on port 25 but does not greet in time.",
                at: .mailServer, effect: .hostUnreached, fix: .checkLog)
        case .greetingClosed:
            Explanation(
                "{host} closes connections to port 25 without a greeting.", at: .mailServer,
                effect: .hostUnknown, fix: .admitClient)
        case .greeting4xx, .ehlo4xx:
            Explanation(
                Template(
                    "{host} told this client to try later: \"{reply}\".",
                    or: "{host} told this client to try later."),
                at: .client, effect: .hostUnknown, fix: .admitClient)
        case .greeting5xx, .ehlo5xx, .ehloRejected:
            Explanation(
                Template(
                    "{host} refuses this client: \"{reply}\".", or: "{host} refuses this client."),
                at: .client, effect: .hostUnknown, fix: .admitClient)
        case .notSMTP:
            Explanation(
                Template(
                    "What answers on port 25 of {host} does not speak SMTP: \"{reply}\".",
                    or: "What answers on port 25 of {host} does not speak SMTP."),
                at: .mailServer, effect: .hostUnreached, fix: .serveSMTP)
        case .ehloTimeout:
            Explanation(
                "{host} greets but does not answer EHLO in time.", at: .mailServer,
                effect: .hostUnreached, fix: .checkLog)
        default:
            Explanation(
                "{host} greets, and closes the connection instead of answering EHLO.",
                at: .mailServer, effect: .hostUnknown, fix: .admitClient)
        }
    }

    private var startTLSExplanation: Explanation {
        switch self {
        case .starttlsNotOffered:
            Explanation(
                Template(
                    """
                    {host} does not offer TLS: its reply to EHLO has no STARTTLS. The reply is \
                    "{reply}".
                    """,
                    or: "{host} does not offer TLS: its reply to EHLO has no STARTTLS."),
                at: .mailServer, effect: .hostWithoutTLS, fix: .enableTLS, .mindTLSA)
        case .starttlsStripped:
            Explanation(
                Template(
                    """
                    Something between here and {host} overwrites the offer of STARTTLS: "{reply}".
                    """,
                    or: "Something between here and {host} overwrites the offer of STARTTLS."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: """
                    Switch off the inspection of SMTP (such as "fixup protocol smtp" or "inspect \
                    esmtp") in the firewall in front of {host}, or of the machine that ran the \
                    check.
                    """)
        case .starttls2xx:
            Explanation(
                Template(
                    "{host} answers STARTTLS with \"{reply}\" instead of the code 220.",
                    or: "{host} answers STARTTLS with a code other than 220."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: """
                    Have the mail server answer STARTTLS with 220: senders that keep to the RFC \
                    give up after any other code.
                    """)
        case .starttls4xx:
            Explanation(
                Template(
                    "{host} offers STARTTLS, and then says to try later: \"{reply}\".",
                    or: "{host} offers STARTTLS, and then says to try later."),
                at: .mailServer, effect: .hostUnreached, fix: .checkTLSSetup)
        case .starttls5xx:
            Explanation(
                Template(
                    "{host} offers STARTTLS and then refuses it: \"{reply}\".",
                    or: "{host} offers STARTTLS and then refuses it."),
                at: .mailServer, effect: .hostWithoutTLS, fix: .checkTLSSetup)
        case .starttlsTimeout:
            Explanation(
                "{host} offers STARTTLS and does not answer the command in time.",
                at: .mailServer, effect: .hostUnreached, fix: .checkTLSSetup)
        default:
            Explanation(
                "{host} offers STARTTLS, and closes the connection when a client uses it.",
                at: .mailServer, effect: .hostUnreached, fix: .checkTLSSetup)
        }
    }

    private var handshakeExplanation: Explanation {
        switch self {
        case .tlsAlert:
            Explanation(
                Template(
                    "{host} ends the TLS handshake with the alert \"{alert}\".",
                    or: "{host} ends the TLS handshake with an alert."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: """
                    Check certificate, key and protocol settings of the mail server; it must not \
                    ask senders for a certificate of theirs.
                    """)
        case .tlsTimeout:
            Explanation(
                "{host} answers STARTTLS, but does not finish the TLS handshake in time.",
                at: .mailServer, effect: .hostUnreached, fix: .checkTLSSetup)
        case .tlsClosed:
            Explanation(
                "{host} closes the connection during the TLS handshake.", at: .mailServer,
                effect: .hostWithoutTLS, fix: .checkTLSSetup)
        case .tlsOldVersion:
            Explanation(
                Template(
                    "{host} offers only {tls_version}, which today's senders refuse.",
                    or: "{host} does not offer TLS 1.2 or later."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: "Enable TLS 1.2 and 1.3 on the mail server; old software may need an update.")
        case .tlsEHLOTimeout:
            Explanation(
                "{host} negotiates TLS, and then does not answer EHLO in time.", at: .mailServer,
                effect: .hostUnreached, fix: .checkLog)
        case .tlsEHLOClosed:
            Explanation(
                "{host} negotiates TLS, and then closes the connection.", at: .mailServer,
                effect: .hostUnreached, fix: .checkLog)
        default:
            Explanation(
                """
                {host} and this client have no version, cipher or group of TLS in common, or what \
                follows STARTTLS is not TLS.
                """, at: .mailServer, effect: .hostWithoutTLS,
                fix: "Enable TLS 1.2 and 1.3 on the mail server, with the usual ciphers and groups."
            )
        }
    }
}

extension Template {
    static let mendHostName: Template =
        """
        Give {host} an address (A or AAAA), write the right name into the MX record of {domain}, \
        or remove that record.
        """
    static let checkHostZone: Template =
        """
        Check that every name server of the zone of {host} answers, and that its DNSSEC signatures \
        are valid; a validating tool such as delv says what is wrong.
        """
    static let serveSMTP: Template =
        """
        Run the mail server on port 25 of {host}, open that port in the firewall, and check that \
        the address in DNS is that of this server.
        """
    static let portBlocked: Template =
        """
        If other domains fail in the same way, the network of the machine that ran the check \
        blocks port 25, as many networks do.
        """
    static let checkLog: Template =
        "Look into the log of the mail server: something delays its answers or ends the session."
    static let admitClient: Template =
        """
        Run the check from another address, whose reverse name is also given as --ehlo-name. If \
        that fails too, look into the log of the mail server for what it refuses.
        """
    static let enableTLS: Template =
        """
        Enable STARTTLS on the mail server, with a certificate for {host} from a public authority \
        (in Postfix: smtpd_tls_security_level = may and smtpd_tls_chain_files).
        """
    static let checkTLSSetup: Template =
        """
        Look into the log of the mail server: its certificate or key may be missing, unreadable or \
        unusable.
        """
    static let installForHost: Template =
        """
        Get a certificate for {host} from a public authority (by ACME, for example), and install \
        it with its chain on the mail server.
        """
    /// What comes first where a certificate changes at a host with TLSA (RFC 7671 §8.1).
    static let mindTLSA: Template =
        """
        {host} has TLSA records as well ({tlsa}). If the new certificate has a new key, publish \
        the TLSA record for it beside them, wait for two of its TTLs, and install the certificate \
        then.
        """
}

extension SessionAdvice: Explained {
    /// What the finding means to the owner.
    package var explanation: Explanation {
        switch self {
        case .addressFails:
            Explanation(
                Template(
                    """
                    {host} works at one of its addresses and fails at others: {failing_addresses}.
                    """,
                    or: "{host} works at one of its addresses and fails at others."),
                at: .mailServer, effect: .nothing,
                fix: """
                    Set up TLS and the certificate in the same way at all addresses of {host}, or \
                    remove those that fail from DNS: senders lose time with them.
                    """)
        }
    }
}

extension ReplyDeviation: Explained {
    /// What the finding means to the owner.
    public var explanation: Explanation {
        switch self {
        case .mixedCodes:
            Explanation(
                "The lines of one reply of {host} have different codes.", at: .mailServer,
                effect: .nothing, fix: .replySoftware)
        case .longLine:
            Explanation(
                "A line of a reply of {host} is longer than 512 octets.", at: .mailServer,
                effect: .nothing, fix: .replySoftware)
        case .controlOctet:
            Explanation(
                "A reply of {host} contains control characters.", at: .mailServer, effect: .nothing,
                fix: .replySoftware)
        case .bareLineFeed:
            Explanation(
                "{host} ends lines of its replies with LF instead of CRLF.", at: .mailServer,
                effect: .nothing, fix: .replySoftware)
        case .greetingCode:
            Explanation(
                "{host} greets with a code other than 220.", at: .mailServer, effect: .nothing,
                fix: .replySoftware)
        case .ehloCode:
            Explanation(
                "{host} answers EHLO with a code other than 250.", at: .mailServer,
                effect: .nothing, fix: .replySoftware)
        }
    }
}

extension Template {
    static let replySoftware: Template =
        """
        Senders accept this. Correct the text that is configured for the reply, or update the \
        software.
        """
}
