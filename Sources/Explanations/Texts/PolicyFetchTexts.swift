public import MTASTS
public import Observations

extension PolicyFetchStatus: Explained {
    /// What the end of the fetch means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The policy was fetched from {policy_url}.")
        case .dnsNXDomain, .dnsNoData, .dnsServfail, .dnsRefused, .dnsTimeout, .dnsError,
            .notContacted, .blocked, .notFetched:
            nameExplanation
        case .tcpRefused, .tcpTimeout, .tcpReset, .tcpUnreachable: connectionExplanation
        case .tlsAlert, .tlsTimeout, .tlsClosed, .tlsProtocol, .tlsOldVersion: handshakeExplanation
        case .tlsName, .tlsCNOnly, .tlsExpired, .tlsNotYetValid, .tlsSelfSigned,
            .tlsChainIncomplete, .tlsUntrusted, .tlsInvalid:
            certificateExplanation
        case .http3xx, .http404, .http4xx, .http5xx, .httpOther, .httpTimeout, .httpClosed,
            .httpProtocol, .tooLarge:
            responseExplanation
        }
    }

    private var nameExplanation: Explanation {
        switch self {
        case .dnsNXDomain:
            fault(
                """
                The TXT record at _mta-sts.{domain} says that there is a policy, but its host \
                {policy_host} does not exist.
                """, .zone,
                """
                Give {policy_host} an address (A, AAAA or CNAME) of a web server that serves the \
                policy at {policy_url}.
                """, .giveUp)
        case .dnsNoData:
            fault(
                "The host of the policy, {policy_host}, has no address.", .zone,
                """
                Give {policy_host} an address (A, AAAA or CNAME) of a web server that serves the \
                policy at {policy_url}.
                """, .giveUp)
        case .dnsServfail:
            fault(
                Template(
                    "The lookup of the address of {policy_host} fails (SERVFAIL): {dns_fault}.",
                    or: """
                        The lookup of the address of {policy_host} fails (SERVFAIL): its name \
                        servers fail, its DNSSEC signatures do not verify, or its aliases (CNAME) \
                        form a loop.
                        """), .zone, .checkPolicyHostZone)
        case .dnsRefused:
            fault(
                "A name server refuses to give the address of {policy_host}.", .zone,
                .checkPolicyHostZone)
        case .dnsTimeout:
            fault(
                "No name server gave the address of {policy_host} in time.", .zone,
                .checkPolicyHostZone)
        case .dnsError:
            fault(
                Template(
                    "The answer for the address of {policy_host} cannot be used: {dns_fault}.",
                    or: "The answer for the address of {policy_host} cannot be used."),
                .zone, .checkPolicyHostZone)
        case .notContacted:
            fault(
                Template(
                    """
                    {policy_host} has no address that can be reached on the Internet from here: \
                    {addresses}.
                    """,
                    or:
                        """
                        {policy_host} has no address that can be reached on the Internet from \
                        here.
                        """
                ), .zone,
                """
                Give {policy_host} a public address, and remove private and reserved ones. If the \
                address is public, the machine that ran the check may lack IPv6 or IPv4.
                """)
        case .notFetched:
            Explanation(
                "The policy of {domain} was not to be fetched.", at: .client,
                effect: .policyUnknown)
        default:
            Explanation(
                "The blocklist of this check excludes {policy_host}, so nothing was fetched.",
                at: .client, effect: .policyUnknown)
        }
    }

    private var connectionExplanation: Explanation {
        switch self {
        case .tcpRefused:
            fault(
                Template(
                    "{policy_host} refuses connections for HTTPS ({addresses}, port 443).",
                    or: "{policy_host} refuses connections for HTTPS (port 443)."),
                .webServer, .serveHTTPS)
        case .tcpTimeout:
            fault(
                Template(
                    "{policy_host} does not answer on port 443 ({addresses}).",
                    or: "{policy_host} does not answer on port 443."),
                .webServer, .serveHTTPS)
        case .tcpReset:
            fault(
                Template(
                    "{policy_host} resets connections to port 443 ({addresses}).",
                    or: "{policy_host} resets connections to port 443."),
                .webServer, .serveHTTPS)
        default:
            fault(
                Template(
                    "There is no route to {policy_host} ({addresses}).",
                    or: "There is no route to {policy_host}."),
                .webServer,
                "Check that the address of {policy_host} is right and can be reached from outside.")
        }
    }

    private var handshakeExplanation: Explanation {
        switch self {
        case .tlsAlert:
            fault(
                Template(
                    "{policy_host} ends the TLS handshake with the alert \"{alert}\".",
                    or: "{policy_host} ends the TLS handshake with an alert."),
                .webServer, .servePolicyHost, "Enable TLS 1.2 and 1.3 on the web server.")
        case .tlsTimeout:
            fault(
                """
                {policy_host} accepts connections to port 443, but does not finish the TLS \
                handshake in time.
                """,
                .webServer, .servePolicyHost)
        case .tlsOldVersion:
            fault(
                Template(
                    "{policy_host} offers only {tls_version}, which today's senders refuse.",
                    or: "{policy_host} does not offer TLS 1.2 or later."),
                .webServer, "Enable TLS 1.2 and 1.3 on the web server.")
        case .tlsClosed:
            fault(
                "{policy_host} closes the connection to port 443 during the TLS handshake.",
                .webServer, .servePolicyHost)
        default:
            fault(
                """
                {policy_host} and this client have no version or cipher of TLS in common, or what \
                answers on port 443 is not TLS.
                """, .webServer,
                "Let the web server speak HTTPS on port 443, with TLS 1.2 and 1.3.")
        }
    }

    private var certificateExplanation: Explanation {
        switch self {
        case .tlsName:
            fault(
                Template(
                    "The certificate of {policy_host} is for other names: {names}.",
                    or: "The certificate of {policy_host} is for other names."),
                .certificate, .installForPolicyHost)
        case .tlsCNOnly:
            fault(
                """
                The certificate of {policy_host} has this name only as the common name of its \
                subject, which does not count.
                """, .certificate, .installForPolicyHost)
        case .tlsExpired:
            fault(
                Template(
                    "The certificate of {policy_host} expired on {expiry}.",
                    or: "A certificate in the chain that {policy_host} sends has expired."),
                .certificate,
                """
                Renew the certificate, install it with its chain on the web server, and set up \
                automatic renewal.
                """)
        case .tlsNotYetValid:
            fault(
                Template(
                    "The certificate of {policy_host} is not valid before {begin}.",
                    or: "A certificate in the chain of {policy_host} is not valid yet."),
                .certificate,
                """
                Install a certificate that is valid today, and check the clocks of the web server \
                and of the machine that ran the check.
                """)
        case .tlsSelfSigned:
            fault(
                """
                The certificate of {policy_host} is self-signed, not issued by a public authority.
                """,
                .certificate, .installForPolicyHost)
        case .tlsChainIncomplete:
            fault(
                Template(
                    """
                    {policy_host} sends only its own certificate, without the intermediate \
                    certificate of its issuer ({issuer}).
                    """,
                    or: """
                        {policy_host} sends only its own certificate, without the intermediate \
                        certificate of its issuer.
                        """),
                .certificate,
                """
                Configure the web server to send the whole chain: the certificate, then the \
                intermediate ones (ACME clients call that file fullchain.pem).
                """)
        case .tlsUntrusted:
            fault(
                Template(
                    """
                    The certificate of {policy_host} comes from an authority that is not trusted: \
                    {issuer}.
                    """,
                    or:
                        """
                        The certificate of {policy_host} comes from an authority that is not \
                        trusted.
                        """
                ), .certificate, .installForPolicyHost)
        default:
            fault(
                """
                The certificate of {policy_host} breaks the rules for certificates: a weak key or \
                signature, a wrong purpose, or a constraint of its authority.
                """, .certificate, .installForPolicyHost)
        }
    }

    private var responseExplanation: Explanation {
        switch self {
        case .http3xx:
            fault(
                Template(
                    """
                    {policy_url} answers with status {http_status} and redirects to {location}. \
                    Senders must not follow a redirect to a policy.
                    """,
                    or: """
                        {policy_url} answers with status {http_status} instead of the policy. \
                        Senders take no policy from an answer of the 3xx kind.
                        """,
                    "{policy_url} answers with a redirect, which senders must not follow."),
                .webServer,
                """
                Serve the policy itself at {policy_url}, with status 200. Exempt this path from \
                rules that redirect all requests.
                """)
        case .http404:
            fault(
                "There is no policy at {policy_url} (status 404).", .webServer, .servePolicy,
                .giveUp)
        case .http4xx:
            fault(
                Template(
                    "{policy_url} answers with status {http_status} instead of the policy.",
                    or: "{policy_url} answers with an error (4xx) instead of the policy."),
                .webServer,
                """
                Let everyone fetch {policy_url} with status 200: without a password, a client \
                certificate or a challenge for browsers, and whatever the User-Agent.
                """)
        case .http5xx:
            fault(
                Template(
                    "The web server of {policy_url} fails with status {http_status}.",
                    or: "The web server of {policy_url} fails (5xx)."),
                .webServer, "Look into the log of the web server, and serve the policy as a file.")
        case .httpOther:
            fault(
                Template(
                    "{policy_url} answers with status {http_status} instead of 200.",
                    or: "{policy_url} answers with another status than 200."),
                .webServer, .servePolicy)
        case .httpTimeout:
            fault(
                "{policy_url} did not deliver the whole policy in time.", .webServer,
                """
                Serve the policy as a small static file: senders wait no longer than a minute.
                """
            )
        case .httpClosed:
            fault(
                "The web server closed the connection before it had sent the policy.", .webServer,
                "Look into the log of the web server, and serve the policy as a file.")
        case .httpProtocol:
            fault(
                "The answer of {policy_url} breaks the rules of HTTP.", .webServer,
                "Have an ordinary web server serve the policy as a file.")
        default:
            fault(
                "What {policy_url} delivers is larger than 64 KiB, far more than a policy needs.",
                .webServer,
                "Serve only the policy there: version, mode, mx and max_age, a line each.")
        }
    }

    private func fault(_ found: Template, _ place: Place, _ steps: Template...) -> Explanation {
        Explanation(found, at: place, effect: .noPolicy, steps: steps)
    }
}

extension Template {
    static let checkPolicyHostZone: Template =
        """
        Check that every name server of the zone of {policy_host} answers, and that its DNSSEC \
        signatures are valid; a validating tool such as delv says what is wrong.
        """
    static let serveHTTPS: Template =
        """
        Run a web server with HTTPS on {policy_host}, open port 443 in the firewall, and check \
        that the address in DNS is that of this server.
        """
    static let servePolicyHost: Template =
        """
        Set up {policy_host} on the web server as a site of its own, with a certificate for that \
        name: many servers refuse TLS for names that they do not know.
        """
    static let installForPolicyHost: Template =
        """
        Get a certificate for {policy_host} from a public authority (by ACME, for example), and \
        install it with its chain on the web server for that name.
        """
    static let servePolicy: Template =
        "Serve the policy as plain text at exactly {policy_url}, with status 200."
}

extension PolicyAdvice: Explained {
    /// What the finding means to the owner.
    public var explanation: Explanation {
        switch self {
        case .dupKey:
            Explanation(
                Template(
                    "Line {line_number} of the policy repeats a key: \"{line}\".",
                    or: "The policy has a key twice that it may have only once."),
                at: .policy, effect: .sendersDiffer,
                fix: Template(
                    """
                    Remove line {line_number}, which repeats the key: by the RFC the first line \
                    with a key counts, but some senders go by the last.
                    """,
                    or: "Remove the line that repeats the key: by the RFC the first one counts."),
                .changeID)
        case .unknownKey:
            Explanation(
                Template(
                    """
                    Senders ignore line {line_number} of the policy, "{line}": the key is \
                    "{known_key}", in lower case.
                    """,
                    or: "Senders ignore line {line_number} of the policy: \"{line}\".",
                    "The policy has a line with a key that senders ignore."))
        case .mixedLineEnds:
            Explanation(
                "Some lines of the policy end with CRLF, others with LF alone.", at: .policy,
                effect: .sendersDiffer, fix: "End all lines in the same way, preferably with CRLF.",
                .changeID)
        case .maxAgeDigits:
            Explanation(
                Template(
                    "max_age has more digits than any allowed value needs: \"{line}\".",
                    or: "max_age has more digits than any allowed value needs."),
                at: .policy, effect: .nothing,
                fix: "Write it without leading zeros; the highest value is 31557600, a year.")
        case .blankLine:
            Explanation(
                "The policy has an empty line.", at: .policy, effect: .sendersDiffer,
                fix: "Remove empty lines, also those at the end.", .changeID)
        case .bom:
            Explanation(
                "The policy begins with a byte order mark, which editors do not show.", at: .policy,
                effect: .sendersDiffer, fix: "Save the file as UTF-8 without a byte order mark.",
                .changeID)
        case .shortMaxAge:
            Explanation(
                Template(
                    "Senders may keep the policy for {max_age} only.",
                    or: "Senders may keep the policy for a short time only."),
                at: .policy, effect: .shortProtection,
                fix: """
                    Raise max_age: 604800 (a week) is the least that makes sense in mode enforce, \
                    and 86400 (a day) in mode testing. This is advice, not a rule of the RFC.
                    """,
                .changeID)
        case .contentType:
            Explanation(
                Template(
                    "The web server sends the policy as {content_type} instead of text/plain.",
                    or: "The web server does not say that the policy is text/plain."),
                at: .webServer, effect: .sendersDiffer,
                fix: "Have {policy_url} served with the header \"Content-Type: text/plain\".")
        case .charset:
            Explanation(
                Template(
                    "The web server says that the policy is not in UTF-8: {content_type}.",
                    or: "The web server says that the policy is not in UTF-8."),
                at: .webServer, effect: .nothing,
                fix: """
                    Have {policy_url} served with the header \
                    "Content-Type: text/plain; charset=utf-8".
                    """)
        case .contentEncoding:
            Explanation(
                Template(
                    """
                    The web server sends the policy compressed or otherwise encoded \
                    ({content_encoding}), which was not asked for.
                    """,
                    or:
                        """
                        The web server sends the policy compressed or otherwise encoded, which was \
                        not asked for.
                        """
                ),
                at: .webServer, effect: .sendersDiffer,
                fix: """
                    Switch compression off for {policy_url}, or apply it only to requests with an \
                    Accept-Encoding.
                    """)
        case .sendersDiffer:
            Explanation(
                "Some senders understand this policy differently from the RFC.", at: .policy,
                effect: .sendersDiffer,
                fix: """
                    Write the policy as plainly as possible: one key on each line, each key but mx \
                    once, no spaces at the ends of lines, no empty lines. Serve it with the header \
                    "Content-Type: text/plain".
                    """,
                .changeID)
        }
    }
}
