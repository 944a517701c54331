public import Judgement
public import Observations

/// Whether something is to be done about a domain, the gravest last.
public enum Need: String, CaseIterable, Sendable {
    case nothing
    case unknown
    case mending
}

extension Need: Comparable {
    /// The gravest last.
    public static func < (one: Need, other: Need) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// The result for a domain in a sentence.
public struct Headline: Hashable, Sendable {
    /// What becomes of mail, after a word or two in capitals and a colon.
    public let text: Template
    /// Whether something is to be done.
    public let need: Need

    init(_ text: Template, _ need: Need) {
        self.text = text
        self.need = need
    }
}

extension Headline {
    /// The result of a verdict and its reason.
    public init(_ verdict: Verdict, _ reason: VerdictReason) {
        self =
            switch verdict {
            case .protectedSTS: Self.protectedBySTS(reason)
            case .protectedDANE:
                Headline("WORKING: mail for {domain} is protected by DANE.", .nothing)
            case .partial:
                Headline(
                    """
                    PARTLY WORKING: mail for {domain} is protected at some of its hosts, but not \
                    at others.
                    """,
                    .mending)
            case .refused: Self.refused(reason)
            case .testingOK:
                Headline(
                    """
                    TESTING: the policy of {domain} is in mode testing, so it protects no mail \
                    yet. In mode enforce it would.
                    """, .nothing)
            case .testingWouldFail:
                Headline(
                    """
                    TESTING, NOT READY: the policy of {domain} is in mode testing. In mode \
                    enforce, senders that honour MTA-STS would not deliver to all of its hosts.
                    """, .mending)
            case .opportunistic: Self.opportunistic(reason)
            case .noMail: Self.noMail(reason)
            case .unknown: Self.unknown(reason)
            }
    }

    private static func protectedBySTS(_ reason: VerdictReason) -> Headline {
        reason == .mixed
            ? Headline("WORKING: mail for {domain} is protected by MTA-STS and DANE.", .nothing)
            : Headline("WORKING: mail for {domain} is protected by MTA-STS.", .nothing)
    }

    private static func refused(_ reason: VerdictReason) -> Headline {
        switch reason {
        case .dane:
            Headline(
                "NOT WORKING: senders that honour DANE will bounce your mail for {domain}.",
                .mending)
        case .mixed:
            Headline(
                """
                NOT WORKING: senders that honour MTA-STS and DANE will bounce your mail for \
                {domain}.
                """,
                .mending)
        default:
            Headline(
                "NOT WORKING: senders that honour MTA-STS will bounce your mail for {domain}.",
                .mending)
        }
    }

    private static func opportunistic(_ reason: VerdictReason) -> Headline {
        switch reason {
        case .modeNone:
            Headline(
                """
                SWITCHED OFF: the policy of {domain} has mode none, so it asks for no protection \
                of mail.
                """,
                .nothing)
        case .recordInvalid:
            Headline(
                """
                NOT WORKING: the MTA-STS record of {domain} is not valid, so its mail is not \
                protected.
                """, .mending)
        case .policyFetchFailed:
            Headline(
                """
                NOT WORKING: senders cannot fetch the MTA-STS policy of {domain}, so its mail is \
                not protected.
                """, .mending)
        case .policyInvalid:
            Headline(
                """
                NOT WORKING: the MTA-STS policy of {domain} is not valid, so its mail is not \
                protected.
                """,
                .mending)
        case .daneUnusable:
            Headline(
                """
                NOT WORKING: no TLSA record of {domain}'s mail hosts can be used, so its mail is \
                not protected.
                """,
                .mending)
        default:
            Headline(
                """
                NO POLICY: {domain} does not use MTA-STS, so senders do not check which \
                server they deliver to.
                """,
                .nothing)
        }
    }

    private static func noMail(_ reason: VerdictReason) -> Headline {
        switch reason {
        case .nullMX: Headline("NO MAIL: {domain} says that it takes no mail.", .nothing)
        case .nxdomain: Headline("NO SUCH DOMAIN: {domain} does not exist.", .mending)
        case .nodata:
            Headline(
                "NO MAIL: {domain} has no mail server, and does not say that it takes no mail.",
                .mending)
        default:
            Headline("NO MAIL: the MX records of {domain} name no mail server.", .mending)
        }
    }

    private static func unknown(_ reason: VerdictReason) -> Headline {
        switch reason {
        case .mxUnknown:
            Headline(
                "UNKNOWN: where mail for {domain} goes is not known, because the lookup failed.",
                .unknown)
        case .recordUnknown:
            Headline(
                "UNKNOWN: whether {domain} uses MTA-STS is not known, because the lookup failed.",
                .unknown)
        case .policyNotFetched:
            Headline(
                "UNKNOWN: {domain} has an MTA-STS record, and its policy was not to be fetched.",
                .unknown)
        case .daneTempfail:
            Headline(
                """
                UNKNOWN: lookups of TLSA records fail, so senders that honour DANE hold back mail \
                for {domain}.
                """,
                .unknown)
        default:
            Headline(
                "UNKNOWN: the mail servers of {domain} could not be examined from here.",
                .unknown)
        }
    }
}

extension Verdict: Explained {
    /// What becomes of mail; the verdict's most frequent reason where none is given.
    public var explanation: Explanation {
        switch self {
        case .opportunistic:
            Explanation(
                """
                Nothing asks senders to check which server they deliver mail for {domain} to. It \
                goes with TLS or without.
                """)
        case .noMail: Explanation("{domain} takes no mail.")
        case .unknown:
            Explanation("Whether mail for {domain} is protected could not be found out from here.")
        case .refused:
            Explanation(
                "Senders that honour MTA-STS, or DANE, will bounce your mail for {domain}.")
        case .partial:
            Explanation(
                """
                Some mail hosts of {domain} are protected, and others neither by DANE nor by a \
                policy in mode enforce.
                """,
                at: .zone,
                fix: """
                    Change the policy to "mode: enforce" when reports show no failure, or publish \
                    TLSA records for all mail hosts, in zones that are signed by DNSSEC.
                    """)
        case .protectedDANE, .protectedSTS, .testingOK, .testingWouldFail:
            Explanation(Headline(self, .enforced).text)
        }
    }
}

extension VerdictReason: Explained {
    /// What the reason says.
    public var explanation: Explanation {
        switch self {
        case .nullMX: Explanation(Headline(.noMail, .nullMX).text)
        case .nxdomain: MXStatus.nxdomain.explanation
        case .nodata: MXStatus.nodata.explanation
        case .junk: MXStatus.junk.explanation
        case .mxUnknown: Explanation(Headline(.unknown, .mxUnknown).text)
        case .mxUnreached: Explanation(Headline(.unknown, .mxUnreached).text)
        case .daneTempfail: Explanation(Headline(.unknown, .daneTempfail).text)
        case .daneUnusable: Explanation(Headline(.opportunistic, .daneUnusable).text)
        case .recordUnknown: Explanation(Headline(.unknown, .recordUnknown).text)
        case .noRecord: STSRecordStatus.absent.explanation
        case .recordInvalid: Explanation(Headline(.opportunistic, .recordInvalid).text)
        case .policyFetchFailed:
            Explanation(Headline(.opportunistic, .policyFetchFailed).text)
        case .policyNotFetched: Explanation(Headline(.unknown, .policyNotFetched).text)
        case .policyInvalid: Explanation(Headline(.opportunistic, .policyInvalid).text)
        case .modeNone: Explanation(Headline(.opportunistic, .modeNone).text)
        case .modeTesting:
            Explanation(
                "The policy of {domain} is in mode testing: senders report failures and deliver.")
        case .enforced: Explanation("The policy of {domain}, which is in mode enforce, decides.")
        case .dane: Explanation("The TLSA records of {domain}'s mail hosts decide (DANE).")
        case .mixed:
            Explanation(
                "The mail hosts of {domain} differ in what decides, or in what becomes of mail.")
        }
    }
}

extension Verdict {
    /// What becomes of mail from some senders, in a few words.
    public var outcome: String {
        switch self {
        case .protectedDANE: "protected by DANE"
        case .protectedSTS: "protected by MTA-STS"
        case .partial: "protected at some hosts only"
        case .refused: "not delivered"
        case .testingOK: "delivered, and would be protected in mode enforce"
        case .testingWouldFail: "delivered, and would not be in mode enforce"
        case .opportunistic: "delivered, without a check of the server"
        case .noMail: "returned, because the domain takes no mail"
        case .unknown: "not known"
        }
    }
}

extension HostOutcome {
    /// What becomes of mail to the host, in a few words.
    public var label: String {
        switch self {
        case .protectedDANE: "protected by DANE"
        case .protectedSTS: "protected by MTA-STS"
        case .refused: "not delivered by senders that honour MTA-STS or DANE"
        case .encrypted: "encrypted, but senders cannot check which server they talk to"
        case .opportunistic: "delivered, without a check of which server senders talk to"
        case .unreached: "not known, because the host could not be examined"
        case .unknown: "waits, because the lookup of TLSA records fails"
        }
    }
}

extension CertificateError {
    /// What is wrong, in a few words.
    public var label: String {
        switch self {
        case .expired: "expired"
        case .notYetValid: "not valid yet"
        case .selfSigned: "self-signed"
        case .chainIncomplete: "sent without its intermediate certificate"
        case .untrusted: "from an authority that is not trusted"
        case .invalid: "not acceptable (key, signature, purpose or constraint)"
        case .nameMismatch: "for other names"
        case .cnOnly: "with the name in the common name only"
        }
    }
}

extension Sender {
    /// What people call it.
    public var label: String {
        switch self {
        case .rfc: "senders that keep to the RFCs"
        case .postfixLegacyTLSPol: "Postfix before 3.10.5 with postfix-tlspol"
        case .postfixLegacyResolver: "Postfix before 3.10.5 with postfix-mta-sts-resolver"
        case .postfixTLSPol: "Postfix from 3.10.5 on with postfix-tlspol"
        case .postfixResolver: "Postfix from 3.10.5 on with postfix-mta-sts-resolver"
        case .mox: "mox"
        case .exim: "Exim"
        case .stalwart: "Stalwart"
        case .kumomta: "KumoMTA"
        }
    }
}
