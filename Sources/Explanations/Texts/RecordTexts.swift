public import Judgement
public import MTASTS

extension STSRecordStatus: Explained {
    /// What the status means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The TXT record at _mta-sts.{domain} is valid.")
        case .absent:
            Explanation(
                "There is no TXT record at _mta-sts.{domain}: the domain does not use MTA-STS.",
                at: .zone, effect: .neverProtected,
                fix: Template(
                    """
                    To have mail protected, serve a policy at {policy_url}: "version: STSv1", \
                    "mode: testing", {mx_lines}, "max_age: 604800", each on a line of its own.
                    """,
                    or: """
                        To have mail protected, serve a policy at {policy_url}: "version: STSv1", \
                        "mode: testing", "mx: HOST" for each mail host, "max_age: 604800", each on \
                        a line of its own.
                        """),
                .publishRecord,
                """
                Publish a TLSRPT record as well. When its reports have shown no failure for some \
                weeks, change the mode to enforce, and then the id of the record.
                """)
        case .unrelated:
            Explanation(
                Template(
                    "The TXT record at _mta-sts.{domain} is not an MTA-STS record: {txt}.",
                    or: "The TXT records at _mta-sts.{domain} are not MTA-STS records."),
                at: .zone, effect: .neverProtected,
                fix: Template(
                    """
                    If {domain} serves a policy, publish the TXT record "v=STSv1; id={new_id}" at \
                    _mta-sts.{domain} in its place; if it does not, nothing needs to change.
                    """,
                    or: """
                        If {domain} serves a policy, publish the TXT record \
                        "v=STSv1; id=20260101" at _mta-sts.{domain} in its place; if it does not, \
                        nothing needs to change.
                        """))
        case .servfail, .refused, .timeout, .unreachable, .dnsError: lookupExplanation
        case .multiple: STSRecordSyntax.multiple.explanation
        case .badVersion: STSRecordSyntax.badVersion.explanation
        case .missingID: STSRecordSyntax.missingID.explanation
        case .badID: STSRecordSyntax.badID.explanation
        case .badExtension: STSRecordSyntax.badExtension.explanation
        case .badField: STSRecordSyntax.badField.explanation
        case .nonASCII: STSRecordSyntax.nonASCII.explanation
        }
    }

    private var lookupExplanation: Explanation {
        switch self {
        case .servfail:
            Explanation(
                Template(
                    """
                    The lookup of the TXT record at _mta-sts.{domain} fails (SERVFAIL): {dns_fault}.
                    """,
                    or: """
                        The lookup of the TXT record at _mta-sts.{domain} fails (SERVFAIL): its \
                        name servers fail, its DNSSEC signatures do not verify, or its aliases \
                        (CNAME) form a loop.
                        """), at: .zone, effect: .policyUnknown, fix: .checkZone)
        case .refused:
            Explanation(
                "A name server refuses to answer for the TXT record at _mta-sts.{domain}.",
                at: .zone, effect: .policyUnknown, fix: .checkDelegation, .otherResolver)
        case .timeout:
            Explanation(
                "No name server answered in time for the TXT record at _mta-sts.{domain}.",
                at: .zone, effect: .policyUnknown, fix: .checkServers, .otherResolver)
        case .unreachable:
            Explanation(
                "No name server could be reached for the TXT record at _mta-sts.{domain}.",
                at: .client, effect: .policyUnknown, fix: .otherResolver)
        default:
            Explanation(
                Template(
                    """
                    The answer for the TXT record at _mta-sts.{domain} cannot be used: {dns_fault}.
                    """,
                    or: "The answer for the TXT record at _mta-sts.{domain} cannot be used."),
                at: .zone, effect: .policyUnknown, fix: .checkServers, .otherResolver)
        }
    }
}

extension Template {
    /// The record that goes with a policy.
    static let publishRecord = Template(
        """
        Once the policy can be fetched, publish the TXT record "v=STSv1; id={new_id}" at \
        _mta-sts.{domain}. The id is yours to choose, up to 32 letters and digits; give it another \
        value whenever the policy changes.
        """,
        or: """
            Once the policy can be fetched, publish the TXT record "v=STSv1; id=20260101" at \
            _mta-sts.{domain}. The id is yours to choose, up to 32 letters and digits; give it \
            another value whenever the policy changes.
            """)
}

extension STSRecordSyntax {
    /// What the result means to the owner.
    public var explanation: Explanation {
        switch self {
        case .absent: STSRecordStatus.absent.explanation
        case .unrelated: STSRecordStatus.unrelated.explanation
        case .ok: STSRecordStatus.ok.explanation
        case .multiple:
            Explanation(
                Template(
                    "There are several TXT records for MTA-STS at _mta-sts.{domain}: {txt}.",
                    or: "There are several TXT records for MTA-STS at _mta-sts.{domain}."),
                at: .zone, effect: .noPolicy,
                fix: "Keep the one with the newest id that is valid, and remove all others.")
        case .badVersion:
            fault(
                Template(
                    "The TXT record at _mta-sts.{domain} does not begin with \"v=STSv1;\": {txt}.",
                    or: "The TXT record at _mta-sts.{domain} does not begin with \"v=STSv1;\"."),
                fix: .rewriteRecord)
        case .missingID:
            fault(
                Template(
                    "The TXT record at _mta-sts.{domain} has no id: {txt}.",
                    or: "The TXT record at _mta-sts.{domain} has no id."),
                fix: .rewriteRecord)
        case .badID:
            fault(
                Template(
                    """
                    The id in the TXT record at _mta-sts.{domain} is not 1 to 32 letters and \
                    digits: {txt}.
                    """,
                    or: """
                        The id in the TXT record at _mta-sts.{domain} is not 1 to 32 letters and \
                        digits.
                        """),
                fix: Template(
                    """
                    Change it to letters and digits alone, without hyphens, colons or spaces, such \
                    as "v=STSv1; id={new_id}".
                    """,
                    or: """
                        Change it to letters and digits alone, without hyphens, colons or spaces, \
                        such as "v=STSv1; id=20260101T120000".
                        """))
        case .badExtension:
            fault(
                Template(
                    """
                    The TXT record at _mta-sts.{domain} has a field whose name or value has \
                    characters that are not allowed: {txt}.
                    """,
                    or: """
                        The TXT record at _mta-sts.{domain} has a field whose name or value has \
                        characters that are not allowed.
                        """),
                fix: .rewriteRecord)
        case .badField:
            fault(
                Template(
                    """
                    The TXT record at _mta-sts.{domain} is not made of name=value with semicolons \
                    between: {txt}.
                    """,
                    or: """
                        The TXT record at _mta-sts.{domain} is not made of name=value with \
                        semicolons between.
                        """),
                fix: .rewriteRecord)
        case .nonASCII:
            fault(
                Template(
                    """
                    The TXT record at _mta-sts.{domain} has characters other than ASCII, perhaps \
                    typographic quotation marks or spaces: {txt}.
                    """,
                    or: "The TXT record at _mta-sts.{domain} has characters other than ASCII."),
                fix: .rewriteRecord)
        }
    }

    private func fault(_ found: Template, fix: Template) -> Explanation {
        Explanation(found, at: .zone, effect: .noPolicy, fix: fix)
    }
}

extension Template {
    static let rewriteRecord = Template(
        """
        Write it as "v=STSv1; id={new_id}": nothing before it, the names in lower case, the \
        version first, then an id of letters and digits that you have not used before.
        """,
        or: """
            Write it as "v=STSv1; id=20260101": nothing before it, the names in lower case, the \
            version first, then an id of letters and digits that you have not used before.
            """)
}

extension STSRecordAdvice: Explained {
    /// What the finding means to the owner.
    public var explanation: Explanation {
        switch self {
        case .dupField:
            Explanation(
                Template(
                    "The TXT record at _mta-sts.{domain} has a field twice: {txt}.",
                    or: "The TXT record at _mta-sts.{domain} has a field twice."),
                at: .zone, effect: .nothing,
                fix: "Remove the second occurrence: senders go by the first.")
        case .unknownField:
            Explanation(
                Template(
                    """
                    The TXT record at _mta-sts.{domain} has a field besides v and id, which \
                    senders ignore: {txt}.
                    """,
                    or: """
                        The TXT record at _mta-sts.{domain} has a field besides v and id, which \
                        senders ignore.
                        """))
        case .versionDelimiter:
            Explanation(
                Template(
                    """
                    There is a space before the first semicolon of the TXT record at \
                    _mta-sts.{domain}: {txt}.
                    """,
                    or: """
                        There is a space before the first semicolon of the TXT record at \
                        _mta-sts.{domain}.
                        """),
                at: .zone, effect: .sendersDiffer,
                fix: "Remove it: \"v=STSv1;\" and only then a space.")
        }
    }
}
