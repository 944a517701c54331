public import MTASTS

extension PolicyStatus: Explained {
    /// What the status of the policy's text means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The policy is valid.")
        case .empty, .html, .jsonDraft, .notText: wholeExplanation
        case .missingVersion, .badVersion, .missingMode, .badMode, .modeReport, .missingMaxAge,
            .badMaxAge, .maxAgeRange, .missingMX, .badLine:
            fieldExplanation
        case .mxLeadingDot, .mxTrailingDot, .mxEmail, .mxEmpty, .mxIP, .mxULabel, .mxBadWildcard,
            .mxBad:
            MXPatternError(rawValue: rawValue)?.explanation ?? fieldExplanation
        }
    }

    private var wholeExplanation: Explanation {
        switch self {
        case .empty: fault("{policy_url} is empty.", .writePolicy)
        case .html:
            fault(
                "{policy_url} delivers a web page, not a policy.",
                """
                Serve the policy there as plain text; many servers answer unknown paths with their \
                start page.
                """, .writePolicy)
        case .jsonDraft:
            fault(
                "The policy is in JSON, the form of early drafts, which senders do not read.",
                .writePolicy)
        default:
            fault(
                "What {policy_url} delivers is not UTF-8 text; editors may save it as UTF-16.",
                "Save the file as UTF-8 or plain ASCII.", .changeID)
        }
    }

    private var fieldExplanation: Explanation {
        switch self {
        case .missingVersion:
            fault(
                "The policy has no version.", "Begin it with the line \"version: STSv1\".",
                .changeID)
        case .badVersion:
            fault(
                Template(
                    """
                    Line {line_number} of the policy has a carriage return (CR) without a line \
                    feed (LF) after it, which ends no line: "{cr_line}".
                    """,
                    or: "Line {line_number} of the policy, \"{line}\", is not \"version: STSv1\".",
                    "The version of the policy is not STSv1."),
                Template(
                    """
                    End each line with CRLF or LF; most editors can save a file with such line \
                    ends. Where "{cr_line}" has \\r, a line ends now.
                    """,
                    or: "Write the line as \"version: STSv1\", with these capitals."), .changeID)
        case .missingMode:
            fault(
                "The policy has no mode.",
                """
                Add the line "mode: testing"; change it to enforce when reports show no failure.
                """,
                .changeID)
        case .badMode:
            fault(
                Template(
                    "The mode in line {line_number} of the policy is not known: \"{line}\".",
                    or: "The mode of the policy is not enforce, testing or none."),
                """
                Write "mode: enforce", "mode: testing" or "mode: none", in lower case and without \
                anything after it.
                """, .changeID)
        case .modeReport:
            fault(
                "The mode of the policy is \"report\", which only early drafts had.",
                "Write \"mode: testing\", or \"mode: enforce\".", .changeID)
        case .missingMaxAge:
            fault(
                "The policy does not say how long it may be kept: it has no max_age.",
                "Add the line \"max_age: 604800\" (a week, in seconds), or a larger number.",
                .changeID)
        case .badMaxAge:
            fault(
                Template(
                    """
                    max_age in line {line_number} of the policy is not a number of seconds: \
                    "{line}".
                    """,
                    or: "max_age is not a number of seconds."),
                "Write digits alone, such as \"max_age: 604800\" for a week.", .changeID)
        case .maxAgeRange:
            fault(
                Template(
                    "max_age is larger than a year: \"{line}\".",
                    or: "max_age is larger than a year."
                ),
                "Write at most \"max_age: 31557600\".", .changeID, effect: .sendersDiffer)
        case .missingMX:
            fault(
                "The policy names no mail host, so it allows none.",
                Template(
                    "Add a line for each mail host: {mx_lines}.",
                    or: "Add a line \"mx: HOST\" for each host that an MX record names."),
                .changeID)
        default:
            fault(
                Template(
                    """
                    Line {line_number} of the policy is not a key, a colon and a value: "{line}".
                    """,
                    or: "Line {line_number} of the policy is empty, which is not allowed.",
                    "A line of the policy is not a key, a colon and a value."),
                """
                Write one key, a colon and its value on each line, with a real line break after \
                each. Comments, empty lines and a byte order mark are not allowed.
                """, .changeID)
        }
    }

    private func fault(
        _ found: Template, _ steps: Template..., effect: Effect = .noPolicy
    ) -> Explanation {
        Explanation(found, at: .policy, effect: effect, steps: steps)
    }
}

extension Template {
    static let writePolicy = Template(
        """
        Write four kinds of lines into it: "version: STSv1", "mode: testing", {mx_lines} and \
        "max_age: 604800".
        """,
        or: """
            Write four kinds of lines into it: "version: STSv1", "mode: testing", "mx: HOST" for \
            each mail host, and "max_age: 604800".
            """)
}

extension MXPatternError {
    /// What the fault of a pattern means to the owner.
    public var explanation: Explanation {
        switch self {
        case .empty:
            fault(
                Template(
                    "Line {line_number} of the policy, \"mx:\", names no host.",
                    or: "An \"mx:\" line of the policy names no host."),
                "Write the name of a mail host after \"mx:\", as the MX record has it.")
        case .leadingDot:
            fault(
                Template(
                    """
                    Line {line_number} of the policy, "{line}", has a dot before the host, which \
                    was the wildcard of early drafts.
                    """,
                    or: """
                        An mx of the policy begins with a dot, which was the wildcard of early \
                        drafts.
                        """),
                Template(
                    "Write \"*.\" in place of the dot: \"{right_line}\".",
                    or: "Write \"*.\" in place of the dot, as in \"mx: *.example.com\"."))
        case .trailingDot:
            fault(
                Template(
                    "Line {line_number} of the policy has a dot after the host: \"{line}\".",
                    or: "An mx of the policy ends with a dot."),
                Template(
                    "Remove the dot, which belongs only in zone files: \"{right_line}\".",
                    or: "Remove the dot, which belongs only in zone files."))
        case .email:
            fault(
                Template(
                    """
                    Line {line_number} of the policy names a mailbox instead of a host: "{line}".
                    """,
                    or: "An mx of the policy names a mailbox instead of a host."),
                .nameHosts)
        case .ip:
            fault(
                Template(
                    """
                    Line {line_number} of the policy has an address instead of a name: "{line}".
                    """,
                    or: "An mx of the policy is an address instead of a name."),
                .nameHosts)
        case .uLabel:
            fault(
                Template(
                    "Line {line_number} of the policy has letters other than ASCII: \"{line}\".",
                    or: "An mx of the policy has letters other than ASCII."),
                "Write the name in its ASCII form, which begins with xn--.")
        case .badWildcard:
            fault(
                Template(
                    """
                    Line {line_number} of the policy has a wildcard that senders do not know: \
                    "{line}".
                    """,
                    or: "An mx of the policy has a wildcard that senders do not know."),
                """
                Use "*." only at the front and as a whole label, as in "mx: *.example.com", or \
                name each host.
                """)
        case .bad:
            fault(
                Template(
                    "Line {line_number} of the policy does not name a host: \"{line}\".",
                    or: "An mx of the policy is not a host name."),
                .nameHosts)
        }
    }

    private func fault(_ found: Template, _ step: Template) -> Explanation {
        Explanation(found, at: .policy, effect: .noPolicy, fix: step, .changeID)
    }
}

extension Template {
    static let nameHosts = Template(
        "Name the mail hosts of {domain} as its MX records do: {mx_lines}.",
        or: "Name the mail hosts of {domain} as its MX records do, one \"mx:\" line each.")
}

extension NearMiss: Explained {
    /// What a policy that does not allow a host means to the owner, and how it came to that.
    public var explanation: Explanation {
        switch self {
        case .historical:
            fault(
                Template(
                    """
                    Mail for {domain} goes to {host} now, but the policy still names earlier \
                    hosts: {patterns}.
                    """,
                    or:
                        """
                        Mail for {domain} goes to {host} now, but the policy still names earlier \
                        hosts.
                        """
                ), .allowHost)
        case .mtaSTSLabel:
            fault(
                Template(
                    """
                    The policy names {pattern}, the web server of the policy; mail for {domain} \
                    goes to {host}.
                    """,
                    or: "The policy names its own web server instead of {host}."),
                .replacePattern)
        case .otherTLD:
            fault(
                Template(
                    """
                    The policy names {pattern}, but mail for {domain} goes to {host}: the last \
                    part differs.
                    """,
                    or: "A pattern of the policy differs from {host} in the last part."),
                .replacePattern)
        case .extraLabels:
            fault(
                Template(
                    """
                    The policy names {pattern}, but mail for {domain} goes to {host}. A pattern \
                    must have as many parts as the host, and "*" stands for exactly one of them.
                    """,
                    or: """
                        A pattern of the policy has more or fewer parts than {host}; "*" stands \
                        for exactly one.
                        """),
                .replacePattern)
        case .typo:
            fault(
                Template(
                    """
                    The policy names {pattern}, but mail for {domain} goes to {host}: this looks \
                    like a misspelling.
                    """,
                    or: "A pattern of the policy nearly spells {host}."),
                .replacePattern)
        case .certificateOnly:
            fault(
                Template(
                    """
                    The policy names {patterns}, which the certificate of {host} is for. Senders \
                    compare the policy with the name in the MX record instead.
                    """,
                    or: "The policy names what the certificate of {host} is for, not the host."),
                .allowHost)
        case .other:
            fault(
                Template(
                    "The policy names {patterns}, but mail for {domain} goes to {host}.",
                    or: "The policy does not name {host}, where mail for {domain} goes."),
                .allowHost)
        }
    }

    private func fault(_ found: Template, _ step: Template) -> Explanation {
        Explanation(found, at: .policy, effect: .hostForbidden, fix: step, .changeID)
    }
}

extension Template {
    static let allowHost = Template(
        """
        Add the line "mx: {host}" to the policy, and a line of its own for each of {other_hosts}. \
        If a host is not meant to take mail for {domain}, remove its MX record instead.
        """,
        or: """
            Add the line "mx: {host}" to the policy. If {host} is not meant to take mail for \
            {domain}, remove its MX record instead.
            """)
    static let replacePattern = Template(
        "Replace \"mx: {pattern}\" in the policy with \"mx: {host}\".",
        or: "Add the line \"mx: {host}\" to the policy.")
}

extension MXMatch: Explained {
    /// What the result of the patterns means to the owner.
    public var explanation: Explanation {
        switch self {
        case .literal: Explanation("The policy names {host}.")
        case .wildcard: Explanation("A wildcard of the policy allows {host}.")
        case .none: NearMiss.other.explanation
        }
    }
}
