public import Judgement

extension MXStatus: Explained {
    /// What the status means to the owner.
    public var explanation: Explanation {
        switch self {
        case .hasMX: Explanation("Mail for {domain} goes to {all_hosts}.")
        case .implicit:
            Explanation(
                """
                {domain} has no MX record, so mail goes to the address of {domain} itself \
                (implicit MX).
                """)
        case .nullMX: Explanation("{domain} says by a null MX that it takes no mail.")
        case .nullMXPlus:
            Explanation(
                """
                A null MX, which says that {domain} takes no mail, stands beside other MX records.
                """,
                at: .zone, effect: .sendersMayReturn,
                fix: """
                    Remove the record "MX 0 ." if {domain} takes mail; if it does not, remove all \
                    other MX records.
                    """)
        case .nxdomain:
            Explanation(
                "DNS has no such name (NXDOMAIN).", at: .zone, effect: .noMail,
                fix: "Check how the name is spelt, and whether the domain is still registered.")
        case .nodata:
            Explanation(
                "{domain} has neither an MX record nor an address, so no server takes its mail.",
                at: .zone, effect: .noMail,
                fix: "If {domain} is to take mail, add an MX record that names the mail server.",
                """
                If it is to take none, say so by a null MX: "{domain}. IN MX 0 ."
                """)
        case .junk:
            Explanation(
                Template(
                    "No MX record of {domain} names a host that could take mail: {exchanges}.",
                    or: "No MX record of {domain} names a host that could take mail."),
                at: .zone, effect: .noMail,
                fix: "Write the full public name of the mail server into the MX record.",
                """
                If {domain} is to take no mail, replace the MX records by a null MX: \
                "{domain}. IN MX 0 ."
                """)
        case .servfail, .refused, .timeout, .unreachable, .dnsError: lookupExplanation
        }
    }

    private var lookupExplanation: Explanation {
        switch self {
        case .servfail:
            Explanation(
                Template(
                    "The lookup of the MX records of {domain} fails (SERVFAIL): {dns_fault}.",
                    or: """
                        The lookup of the MX records of {domain} fails (SERVFAIL): its name \
                        servers fail, its DNSSEC signatures do not verify, or its aliases (CNAME) \
                        form a loop.
                        """), at: .zone, effect: .mailUnknown, fix: .checkZone)
        case .refused:
            Explanation(
                "A name server refuses to answer for the MX records of {domain}.", at: .zone,
                effect: .mailUnknown, fix: .checkDelegation, .otherResolver)
        case .timeout:
            Explanation(
                "No name server answered in time for the MX records of {domain}.", at: .zone,
                effect: .mailUnknown, fix: .checkServers, .otherResolver)
        case .unreachable:
            Explanation(
                "No name server could be reached for the MX records of {domain}.",
                at: .client, effect: .mailUnknown, fix: .otherResolver)
        default:
            Explanation(
                Template(
                    "The answer for the MX records of {domain} cannot be used: {dns_fault}.",
                    or: "The answer for the MX records of {domain} cannot be used."),
                at: .zone, effect: .mailUnknown, fix: .checkServers, .otherResolver)
        }
    }
}

extension Template {
    static let checkZone: Template =
        """
        Check that every name server of {domain} answers, and that its DNSSEC signatures and the \
        DS record at the parent are valid; a validating tool such as delv says what is wrong.
        """
    static let checkDelegation: Template =
        "Check that every name server which the parent zone names for {domain} serves its zone."
    static let checkServers: Template =
        "Check that every name server of {domain} answers, over UDP and TCP."
    static let otherResolver: Template =
        """
        If other domains fail in the same way, the fault is with the resolver that was asked: \
        check with another (--name-servers).
        """
}

extension MXTarget: Explained {
    /// What such a name in an MX record means to the owner.
    public var explanation: Explanation {
        switch self {
        case .host: Explanation("The MX record names a host.")
        case .null: Explanation("The MX record is a null MX: {domain} takes no mail.")
        case .localhost:
            Explanation(
                Template(
                    "An MX record of {domain} names the sender's own machine: {exchanges}.",
                    or: "An MX record of {domain} names the sender's own machine (localhost)."),
                at: .zone, effect: .nothing,
                fix: "Remove the record, or write the full public name of the mail server.")
        case .addressLiteral:
            Explanation(
                Template(
                    "An MX record of {domain} has an address where a name belongs: {exchanges}.",
                    or: "An MX record of {domain} has an address where a name belongs."),
                at: .zone, effect: .nothing,
                fix: "Give the mail server a name with that address, and write the name instead.")
        case .singleLabel:
            Explanation(
                Template(
                    "An MX record of {domain} has less than a full domain name: {exchanges}.",
                    or: "An MX record of {domain} has less than a full domain name."),
                at: .zone, effect: .nothing,
                fix: """
                    Write the full name of the mail server. In a zone file, the name of the zone \
                    is added to a name that does not end with a dot.
                    """)
        }
    }
}

extension MXAdvice: Explained {
    /// What the finding means to the owner.
    package var explanation: Explanation {
        switch self {
        case .nullPreference:
            Explanation(
                "The null MX of {domain} has a preference other than 0.", at: .zone,
                effect: .nothing, fix: "Write \"{domain}. IN MX 0 .\"")
        case .hostSkipped:
            Explanation(
                """
                Senders that honour MTA-STS or DANE skip {host}, one of the mail hosts of {domain}.
                """,
                effect: .hostSkipped,
                fix: """
                    Repair what fails at {host}, or remove its MX record: while the other hosts \
                    are down, no mail arrives.
                    """)
        }
    }
}
