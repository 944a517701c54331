public import Judgement
public import TLSRPT

extension TLSRPTStatus: Explained {
    /// What the status means to the owner.
    public var explanation: Explanation {
        switch self {
        case .ok: Explanation("The TLSRPT record at _smtp._tls.{domain} is valid.")
        case .absent:
            Explanation(
                """
                {domain} asks for no reports on TLS: there is no TXT record at \
                _smtp._tls.{domain}.
                """,
                at: .zone, effect: .noReports,
                fix: """
                    To hear of failures, publish the TXT record \
                    "v=TLSRPTv1; rua=mailto:tls-reports@{domain}" there.
                    """)
        case .unrelated:
            Explanation(
                Template(
                    "The TXT record at _smtp._tls.{domain} is not a TLSRPT record: {txt}.",
                    or: "The TXT records at _smtp._tls.{domain} are not TLSRPT records."),
                at: .zone, effect: .noReports, fix: .rewriteReportRecord)
        case .multiple: TLSRPTRecordSyntax.multiple.explanation
        case .badVersion: TLSRPTRecordSyntax.badVersion.explanation
        case .missingRUA: TLSRPTRecordSyntax.missingRUA.explanation
        case .badRUA: TLSRPTRecordSyntax.badRUA.explanation
        case .badExtension: TLSRPTRecordSyntax.badExtension.explanation
        case .servfail:
            Explanation(
                Template(
                    """
                    The lookup of the TXT record at _smtp._tls.{domain} fails (SERVFAIL): \
                    {dns_fault}.
                    """,
                    or: """
                        The lookup of the TXT record at _smtp._tls.{domain} fails (SERVFAIL): its \
                        name servers fail, its DNSSEC signatures do not verify, or its aliases \
                        (CNAME) form a loop.
                        """), at: .zone, effect: .reportsUnknown, fix: .checkZone)
        case .refused:
            Explanation(
                "A name server refuses to answer for the TXT record at _smtp._tls.{domain}.",
                at: .zone, effect: .reportsUnknown, fix: .checkDelegation, .otherResolver)
        case .timeout:
            Explanation(
                "No name server answered in time for the TXT record at _smtp._tls.{domain}.",
                at: .zone, effect: .reportsUnknown, fix: .checkServers, .otherResolver)
        case .unreachable:
            Explanation(
                "No name server could be reached for the TXT record at _smtp._tls.{domain}.",
                at: .client, effect: .reportsUnknown, fix: .otherResolver)
        case .dnsError:
            Explanation(
                Template(
                    """
                    The answer for the TXT record at _smtp._tls.{domain} cannot be used: \
                    {dns_fault}.
                    """,
                    or: "The answer for the TXT record at _smtp._tls.{domain} cannot be used."),
                at: .zone, effect: .reportsUnknown, fix: .checkServers, .otherResolver)
        }
    }
}

extension Template {
    static let rewriteReportRecord: Template =
        """
        Write the TXT record at _smtp._tls.{domain} as \
        "v=TLSRPTv1; rua=mailto:tls-reports@{domain}", with a mailbox that you read.
        """
}

extension TLSRPTRecordSyntax {
    /// What the result means to the owner.
    public var explanation: Explanation {
        switch self {
        case .absent: TLSRPTStatus.absent.explanation
        case .unrelated: TLSRPTStatus.unrelated.explanation
        case .ok: TLSRPTStatus.ok.explanation
        case .multiple:
            Explanation(
                Template(
                    "There are several TLSRPT records at _smtp._tls.{domain}: {txt}.",
                    or: "There are several TLSRPT records at _smtp._tls.{domain}."),
                at: .zone, effect: .noReports,
                fix: """
                    Keep one. It can name several destinations, separated by commas: \
                    "v=TLSRPTv1; rua=mailto:a@{domain},mailto:b@{domain}".
                    """)
        case .badVersion:
            fault(
                Template(
                    "The record at _smtp._tls.{domain} does not begin with \"v=TLSRPTv1;\": {txt}.",
                    or: "The record at _smtp._tls.{domain} does not begin with \"v=TLSRPTv1;\"."))
        case .missingRUA:
            fault(
                Template(
                    """
                    The TLSRPT record at _smtp._tls.{domain} does not say where reports go: {txt}.
                    """,
                    or: "The TLSRPT record at _smtp._tls.{domain} does not say where reports go."))
        case .badRUA:
            fault(
                Template(
                    """
                    The rua of the TLSRPT record at _smtp._tls.{domain} is not a list of mailto: \
                    or https: addresses: {txt}.
                    """,
                    or: """
                        The rua of the TLSRPT record at _smtp._tls.{domain} is not a list of \
                        mailto: or https: addresses.
                        """))
        case .badExtension:
            fault(
                Template(
                    """
                    The TLSRPT record at _smtp._tls.{domain} has a field whose name or value has \
                    characters that are not allowed: {txt}.
                    """,
                    or: """
                        The TLSRPT record at _smtp._tls.{domain} has a field whose name or value \
                        has characters that are not allowed.
                        """))
        }
    }

    private func fault(_ found: Template) -> Explanation {
        Explanation(found, at: .zone, effect: .noReports, fix: .rewriteReportRecord)
    }
}

extension TLSRPTRecordAdvice: Explained {
    /// What the finding means to the owner.
    public var explanation: Explanation {
        switch self {
        case .dupField:
            Explanation(
                Template(
                    "The TLSRPT record at _smtp._tls.{domain} has a field twice: {txt}.",
                    or: "The TLSRPT record at _smtp._tls.{domain} has a field twice."),
                at: .zone, effect: .nothing,
                fix: """
                    Write one rua with all destinations, separated by commas: some senders use \
                    only the first.
                    """)
        case .unknownField:
            Explanation(
                Template(
                    """
                    The TLSRPT record at _smtp._tls.{domain} has a field besides v and rua, which \
                    senders ignore: {txt}.
                    """,
                    or: """
                        The TLSRPT record at _smtp._tls.{domain} has a field besides v and rua, \
                        which senders ignore.
                        """))
        case .unknownScheme:
            Explanation(
                Template(
                    """
                    The TLSRPT record at _smtp._tls.{domain} names a destination that is neither \
                    mailto: nor https:, where no report is sent: {txt}.
                    """,
                    or: """
                        The TLSRPT record at _smtp._tls.{domain} names a destination that is \
                        neither mailto: nor https:, where no report is sent.
                        """),
                at: .zone, effect: .nothing, fix: "Name a mailto: or https: destination instead.")
        case .versionDelimiter:
            Explanation(
                Template(
                    """
                    There is a space before the first semicolon of the TLSRPT record at \
                    _smtp._tls.{domain}: {txt}.
                    """,
                    or: """
                        There is a space before the first semicolon of the TLSRPT record at \
                        _smtp._tls.{domain}.
                        """),
                at: .zone, effect: .nothing,
                fix: "Remove it, because senders differ: \"v=TLSRPTv1;\" and only then a space.")
        }
    }
}

extension TLSRPTResult: Explained {
    /// What the result type in a report on TLS means to the owner.
    public var explanation: Explanation {
        switch self {
        case .starttlsNotSupported:
            Explanation(
                "A sender found no STARTTLS at a mail host of {domain}.", at: .mailServer,
                fix: "Enable STARTTLS on the host that the report names.")
        case .certificateHostMismatch:
            Explanation(
                "A sender found a certificate that does not name the mail host.",
                at: .certificate,
                fix: "Install a certificate that names the host as the MX record has it.")
        case .certificateExpired:
            Explanation(
                "A sender found an expired certificate at a mail host of {domain}.",
                at: .certificate, fix: "Renew the certificate, and have the server load it.")
        case .certificateNotTrusted:
            Explanation(
                "A sender found a certificate at a mail host that it does not trust.",
                at: .certificate,
                fix: "Install a certificate of a public authority, with its whole chain.")
        case .validationFailure:
            Explanation(
                "A sender found another fault, such as a mail host that the policy does not name.",
                fix: "Look in the report for the host, and for the patterns of the policy.")
        case .tlsaInvalid:
            Explanation(
                "A sender found that a mail host does not meet its TLSA records.", at: .zone,
                fix: "Publish the TLSA record for the key that the host uses.", .daneRollover)
        case .dnssecInvalid:
            Explanation(
                "A sender could not validate the answer for TLSA records.", at: .zone,
                fix: "Repair the DNSSEC signatures of the zone of the mail host.")
        case .daneRequired:
            Explanation("A sender insists on DANE, and a mail host has no TLSA record.")
        case .stsPolicyFetchError:
            Explanation(
                "A sender could not fetch the policy of {domain}.", at: .webServer,
                fix: .servePolicy)
        case .stsPolicyInvalid:
            Explanation(
                "A sender fetched the policy of {domain} and found that it is not valid.",
                at: .policy, fix: .writePolicy, .changeID)
        case .stsWebPKIInvalid:
            Explanation(
                "A sender could not verify the certificate of {policy_host}.", at: .certificate,
                fix: .installForPolicyHost)
        }
    }
}

extension ReportingAdvice: Explained {
    /// What the finding means to the owner.
    package var explanation: Explanation {
        switch self {
        case .draftName:
            Explanation(
                """
                There is a TLSRPT record at _smtp-tlsrpt.{domain}, the name that drafts of the \
                standard had.
                """,
                at: .zone, effect: .noReports,
                fix: "Move the record to _smtp._tls.{domain}, where senders look for it.")
        }
    }
}
