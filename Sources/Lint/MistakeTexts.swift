public import Explanations
internal import Findings

/// The codes of mistakes that lint names beside findings.
public enum LintMistakes {
    /// Every code with what it means.
    public static let codes =
        CommonMistake.allCases.map {
            ExplainedCode(
                code: "lint.\($0.rawValue)", meaning: "Advice of lint, not a rule of an RFC.",
                explanation: $0.explanation)
        }
        + LintFault.allCases.map {
            ExplainedCode(
                code: "lint.\($0.rawValue)", meaning: $0.sentence, explanation: $0.explanation)
        }
}

extension CommonMistake {
    /// What the mistake is, and what to do.
    var explanation: Explanation {
        switch self {
        case .utf16, .byteOrderMark, .quotes, .leadingBlanks, .trailingBlanks, .strangeSign:
            ofAllTexts
        case .recordAsPolicy, .jsonPolicy, .comment, .webPage, .literalLineEnds, .carriageReturns,
            .oneLine, .equalsSign,
            .blankBeforeColon, .capitalKey, .misspeltKey, .trailingSeparator, .versionValue,
            .modeValue, .maxAgeValue:
            ofPolicy
        case .mxList, .mxPreference, .mxTrailingDot, .mxMailbox, .mxURL, .mxPort, .mxAddress,
            .mxWildcard, .mxUnicode, .mxPlaceholder:
            ofPattern
        case .policyAsRecord, .zoneLine, .escapedSemicolon, .colonSign, .blanksAroundEquals,
            .missingSemicolon, .recordVersion, .idValue, .mailtoSlashes, .missingMailto, .ruaList,
            .unencryptedURI, .dmarcTag:
            ofRecord
        }
    }

    private var ofAllTexts: Explanation {
        switch self {
        case .utf16:
            Explanation(
                "The text is in UTF-16, as some editors save it.",
                fix: "Save it as UTF-8 without a byte order mark, or as plain ASCII.")
        case .byteOrderMark:
            Explanation(
                "The text begins with a byte order mark, which no editor shows.",
                fix: "Save it as UTF-8 without a byte order mark (\"without BOM\").")
        case .quotes:
            Explanation(
                "There is a quotation mark in the text.",
                fix: "Write it without quotation marks: zone files have them, the text has none.")
        case .strangeSign:
            Explanation(
                Template(
                    "There is {value}, which looks like another sign.",
                    or: "The text has a sign that looks like another, or that nobody sees."),
                fix: Template("Write {wanted} instead.", or: "Remove it."))
        case .leadingBlanks:
            Explanation(
                "Blanks stand at the beginning.",
                fix: Template("Begin with '{wanted}'.", or: "Remove them."))
        default:
            Explanation(
                "Blanks stand after a value, which the RFC allows and some programs do not.",
                fix: "Remove them.")
        }
    }

    private var ofPolicy: Explanation {
        switch self {
        case .recordAsPolicy, .jsonPolicy, .comment, .webPage, .literalLineEnds, .carriageReturns,
            .oneLine:
            ofWholePolicy
        case .equalsSign:
            Explanation(
                "An equals sign follows the key.", at: .policy,
                fix: Template("Write '{wanted}: ' with a colon.", or: "Write a colon instead."))
        case .blankBeforeColon:
            Explanation(
                "There is a blank before the colon.", at: .policy,
                fix: Template(
                    "Write '{wanted}: ' with the colon right after the key.",
                    or: "Write the colon right after the key."))
        case .capitalKey:
            Explanation(
                Template(
                    "The key '{value}' has capital letters, so senders do not know it.",
                    or: "A key has capital letters, so senders do not know it."), at: .policy,
                fix: Template("Write '{wanted}'.", or: "Write it in lower case."))
        case .misspeltKey:
            Explanation(
                Template("'{value}' is no key of a policy.", or: "A key is misspelt."),
                at: .policy,
                fix: Template(
                    "If '{wanted}' is meant, write that.",
                    or: "The keys are version, mode, mx and max_age."))
        case .trailingSeparator:
            Explanation(
                "A semicolon or comma ends the line.", at: .policy,
                fix: "Remove it: the line's end is what ends a field.")
        case .versionValue:
            Explanation(
                Template("The version is '{value}'.", or: "The version is not spelt STSv1."),
                at: .policy, fix: "Write 'version: STSv1', with just these capitals.")
        case .modeValue:
            Explanation(
                Template(
                    "'{value}' is no mode.", or: "The mode is none of the three that there are."),
                at: .policy,
                fix: Template(
                    "Write 'mode: {wanted}'.",
                    or: "Write one of enforce, testing, none, in lower case."))
        default:
            Explanation(
                Template(
                    "'{value}' is no number of seconds.",
                    or: "max_age is no plain number of seconds."), at: .policy,
                fix: Template(
                    "Write a number of seconds, in digits alone: 'max_age: {wanted}'.",
                    or: """
                        Write a number of seconds, in digits alone, as 'max_age: 604800' for a \
                        week.
                        """))
        }
    }

    private var ofWholePolicy: Explanation {
        switch self {
        case .recordAsPolicy:
            Explanation(
                "This is the TXT record, which belongs into DNS at _mta-sts.DOMAIN.", at: .policy,
                fix: "Serve a file that begins with the line 'version: STSv1'.")
        case .jsonPolicy:
            Explanation(
                "This is JSON, as drafts of the RFC had it.", at: .policy,
                fix: "Write version, mode, mx and max_age, a line each.")
        case .comment:
            Explanation(
                "A comment stands in the policy, which has none.", at: .policy, fix: "Remove it.")
        case .webPage:
            Explanation(
                "This is a web page, not a policy.", at: .webServer,
                fix: """
                    Have the web server answer with the policy's file itself, without a redirect, \
                    a login or an error page.
                    """)
        case .literalLineEnds:
            Explanation(
                "A backslash and a letter stand where a line should end.", at: .policy,
                fix: """
                    Write real line ends: the text was escaped once too often, as by echo without \
                    -e or a template.
                    """)
        case .carriageReturns:
            Explanation(
                "Lines end in a carriage return alone, or in two.", at: .policy,
                fix: "End each line with LF or CRLF: a file converted twice has too many.")
        default:
            Explanation(
                "Several fields stand in one line.", at: .policy,
                fix: "Give each field a line of its own, without a semicolon or comma between.")
        }
    }

    private var ofPattern: Explanation {
        let alone = Template("Write the host alone: 'mx: {wanted}'.", or: "Write the host alone.")
        switch self {
        case .mxList:
            return Explanation(
                "Several hosts stand in one line.", at: .policy,
                fix: "Write a line 'mx: ' for each host.")
        case .mxPreference:
            return Explanation(
                "A preference stands before the host, as in an MX record.", at: .policy,
                fix: alone)
        case .mxTrailingDot:
            return Explanation(
                "A dot ends the host, as in a zone file.", at: .policy,
                fix: Template("Write 'mx: {wanted}'.", or: "Remove the dot."))
        case .mxMailbox:
            return Explanation(
                "This is a mailbox, not a host.", at: .policy,
                fix: Template(
                    """
                    Write the host of an MX record, not of a mailbox: 'dig MX {wanted}' names them.
                    """, or: "Write the host of an MX record, not of a mailbox."))
        case .mxURL: return Explanation("This is a URL, not a host.", at: .policy, fix: alone)
        case .mxPort: return Explanation("A port follows the host.", at: .policy, fix: alone)
        case .mxAddress:
            return Explanation(
                "This is an IP address, not a name.", at: .policy,
                fix: "Write the host's name, as the MX record has it.")
        case .mxPlaceholder:
            return Explanation(
                "A placeholder of a template stands in place of a host.", at: .policy,
                fix: "Write the host that the MX record names.")
        case .mxWildcard:
            return Explanation(
                "This is no wildcard that senders know.", at: .policy,
                fix: Template(
                    """
                    Write '*.{wanted}' for the hosts right below {wanted}, or each host by name.
                    """,
                    or: """
                        Name each host, or write '*.' and a domain: a star is the whole first \
                        label.
                        """))
        default:
            return Explanation(
                "The host has letters other than ASCII.", at: .policy,
                fix: "Write it in its ASCII form, which begins with xn--.")
        }
    }

    private var ofRecord: Explanation {
        switch self {
        case .policyAsRecord:
            Explanation(
                """
                This is a policy, which belongs on \
                https://mta-sts.DOMAIN/.well-known/mta-sts.txt.
                """, at: .zone,
                fix: Template(
                    "Publish '{wanted}' and your own value in DNS.",
                    or: "Publish 'v=STSv1; id=' and an id of letters and digits in DNS."))
        case .zoneLine:
            Explanation(
                "This is the line of a zone file.", at: .zone,
                fix: "Give the text between the quotation marks alone.")
        case .escapedSemicolon:
            Explanation(
                """
                A backslash stands before the semicolon: an escape of zone files that was \
                published as it is.
                """, at: .zone,
                fix: "Write ';' alone where your provider asks for the text of the record.")
        case .colonSign:
            Explanation(
                Template(
                    "A colon follows '{value}'.", or: "A colon stands where an equals sign belongs."
                ), at: .zone,
                fix: Template("Write '{wanted}'.", or: "Write the equals sign."))
        case .blanksAroundEquals:
            Explanation(
                Template(
                    "'{value}' has blanks or capitals.",
                    or: "There are blanks or capitals around the equals sign."), at: .zone,
                fix: Template(
                    "Write '{wanted}'.", or: "Write name=value in lower case, without blanks."))
        case .missingSemicolon:
            Explanation(
                Template(
                    "No semicolon stands before '{value}'.",
                    or: "A semicolon is missing between two fields."), at: .zone,
                fix: Template("Write '{wanted}'.", or: "Add it."))
        case .recordVersion:
            Explanation(
                Template(
                    "The version is '{value}', with other capitals than the RFC's.",
                    or: "The record does not begin with its version."), at: .zone,
                fix: Template(
                    "Begin it with '{wanted};'.",
                    or: "Begin it with 'v=STSv1;', for reports with 'v=TLSRPTv1;'."))
        case .dmarcTag:
            Explanation(
                Template("'{value}' is a tag of DMARC.", or: "The field is one of DMARC."),
                at: .zone, fix: "Keep only v and rua: a record for TLS reports has nothing else.")
        default: ofRecordValue
        }
    }

    private var ofRecordValue: Explanation {
        switch self {
        case .idValue:
            Explanation(
                Template(
                    "The id has '{value}' in it.",
                    or: "The id has other signs than letters and digits, or is too long."),
                at: .zone,
                fix: Template(
                    "Write letters and digits alone: 'id={wanted}'.",
                    or: "Write 1 to 32 letters and digits, such as a date and time."))
        case .mailtoSlashes:
            Explanation(
                "Two slashes follow mailto:.", at: .zone,
                fix: Template("Write 'mailto:{wanted}'.", or: "Write 'mailto:' and the mailbox."))
        case .missingMailto:
            Explanation(
                "A mailbox stands without mailto:.", at: .zone,
                fix: Template("Write 'rua=mailto:{wanted}'.", or: "Write 'mailto:' before it."))
        case .ruaList:
            Explanation(
                "The URIs are not separated by one comma alone.", at: .zone,
                fix: """
                    Write each mailbox right after 'mailto:', a comma alone between several URIs, \
                    and nothing after the last.
                    """)
        default:
            Explanation(
                "Reports cannot be sent to http:.", at: .zone,
                fix: "Use an https: URI or a mailto: one.")
        }
    }
}

extension LintFault {
    /// What the fault is, and what to do.
    fileprivate var explanation: Explanation {
        switch self {
        case .tooLarge:
            Explanation(
                "The policy is larger than senders read.", at: .policy,
                fix: "Serve the policy alone: some lines are enough.")
        case .badHost:
            Explanation(
                "The name is none that an MX record can have.",
                fix: "Give the name of a host, as the MX record has it.")
        case .notAllowed:
            Explanation(
                "No pattern allows the host.", at: .policy,
                fix: "Add a line \"mx:\" with the name of the host.")
        }
    }
}
