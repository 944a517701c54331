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
                """
                The name servers fail when they are asked for the address of {host} (SERVFAIL). \
                DNSSEC signatures that do not verify look the same.
                """, at: .zone, effect: .hostUnreached, fix: .checkHostZone)
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
                """
                The answer for the address of {host} cannot be used; its aliases (CNAME) may form \
                a loop.
                """, at: .zone, effect: .hostUnreached, fix: .checkHostZone)
        case .junkName:
            Explanation(
                "An MX record of {domain} names {host}, which cannot be a mail server.", at: .zone,
                effect: .nothing, fix: .mendHostName)
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
                    "No route leads to {host} ({address}).", or: "No route leads to {host}."),
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
                    "{host} puts this client off: \"{reply}\".",
                    or: "{host} puts this client off."),
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
                "{host} greets and closes the connection in place of an answer to EHLO.",
                at: .mailServer, effect: .hostUnknown, fix: .admitClient)
        }
    }

    private var startTLSExplanation: Explanation {
        switch self {
        case .starttlsNotOffered:
            Explanation(
                "{host} does not offer TLS: its reply to EHLO has no STARTTLS.", at: .mailServer,
                effect: .hostWithoutTLS, fix: .enableTLS)
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
                    "{host} answers STARTTLS by \"{reply}\" where the RFC has the code 220.",
                    or: "{host} answers STARTTLS by another code than 220."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: """
                    Have the mail server answer STARTTLS by 220: senders that keep to the RFC give \
                    up after any other code.
                    """)
        case .starttls4xx:
            Explanation(
                Template(
                    "{host} offers STARTTLS and puts it off: \"{reply}\".",
                    or: "{host} offers STARTTLS and puts it off."),
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
                "{host} offers STARTTLS and closes the connection when it is used.",
                at: .mailServer, effect: .hostUnreached, fix: .checkTLSSetup)
        }
    }

    private var handshakeExplanation: Explanation {
        switch self {
        case .tlsAlert:
            Explanation(
                Template(
                    "{host} ends TLS by the alert \"{alert}\".",
                    or: "{host} ends TLS by an alert."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: """
                    Check certificate, key and protocol settings of the mail server; it must not \
                    ask senders for a certificate of theirs.
                    """)
        case .tlsTimeout:
            Explanation(
                "{host} answers STARTTLS, but TLS does not come about in time.", at: .mailServer,
                effect: .hostUnreached, fix: .checkTLSSetup)
        case .tlsClosed:
            Explanation(
                "{host} closes the connection before TLS comes about.", at: .mailServer,
                effect: .hostWithoutTLS, fix: .checkTLSSetup)
        case .tlsOldVersion:
            Explanation(
                Template(
                    "{host} has only {tls_version}, which senders of today refuse.",
                    or: "{host} has no TLS of version 1.2 or later."),
                at: .mailServer, effect: .hostWithoutTLS,
                fix: "Enable TLS 1.2 and 1.3 on the mail server; old software may need an update.")
        case .tlsEHLOTimeout:
            Explanation(
                "{host} negotiates TLS and then does not answer EHLO in time.", at: .mailServer,
                effect: .hostUnreached, fix: .checkLog)
        case .tlsEHLOClosed:
            Explanation(
                "{host} negotiates TLS and then closes the connection.", at: .mailServer,
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
        blocks \
        port 25, as many do.
        """
    static let checkLog: Template =
        "Look into the log of the mail server: something delays or ends its answers."
    static let admitClient: Template =
        """
        Check from another address, with a reverse name and an --ehlo-name that fit it. If that \
        fails too, look into the log of the mail server for what it refuses.
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
        {host} has TLSA records as well ({tlsa}): publish the record for a new key in addition, \
        two \
        of its TTLs before you install the certificate.
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
                    Set up TLS and the certificate on all machines behind {host} in the same way, \
                    or remove the address that fails: senders lose time with it.
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
                "A reply of {host} holds control characters.", at: .mailServer, effect: .nothing,
                fix: .replySoftware)
        case .bareLineFeed:
            Explanation(
                "{host} ends lines of its replies in LF instead of CRLF.", at: .mailServer,
                effect: .nothing, fix: .replySoftware)
        case .greetingCode:
            Explanation(
                "{host} greets by another code than 220.", at: .mailServer, effect: .nothing,
                fix: .replySoftware)
        case .ehloCode:
            Explanation(
                "{host} answers EHLO by another code than 250.", at: .mailServer,
                effect: .nothing, fix: .replySoftware)
        }
    }
}

extension Template {
    static let replySoftware: Template =
        "Senders take it. Mend the text that is configured for the reply, or update the software."
}
