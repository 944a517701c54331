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
                fix: "Save it as UTF-8 without a byte order mark.")
        case .quotes:
            Explanation(
                "There are quotation marks in the text.",
                fix: "Write it without: zone files have quotation marks, the text has none.")
        case .strangeSign:
            Explanation(
                "The text has a sign that looks like another, or that nobody sees.",
                fix: "Type the text anew, in ASCII.")
        case .leadingBlanks:
            Explanation("Blanks stand before the text.", fix: "Remove them.")
        default: Explanation("Blanks stand after a value.", fix: "Remove them.")
        }
    }

    private var ofPolicy: Explanation {
        switch self {
        case .recordAsPolicy:
            Explanation(
                "This is the TXT record, which belongs into DNS, not the policy.", at: .policy,
                fix: "Write version, mode, mx and max_age, a line each.")
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
                fix: "Serve the policy as plain text at its URL.")
        case .literalLineEnds:
            Explanation(
                "A backslash with n or r stands where a line should end.", at: .policy,
                fix: "Replace it by a real line end.")
        case .carriageReturns:
            Explanation(
                "Lines end in a carriage return alone.", at: .policy,
                fix: "End them in CRLF or LF.")
        case .oneLine:
            Explanation(
                "All keys stand on one line.", at: .policy, fix: "Give each key its own line.")
        case .equalsSign:
            Explanation(
                "An equals sign stands after a key.", at: .policy, fix: "Write a colon instead.")
        case .blankBeforeColon:
            Explanation(
                "A blank stands before the colon.", at: .policy,
                fix: "Write the colon right after the key.")
        case .capitalKey:
            Explanation(
                "A key has capital letters.", at: .policy, fix: "Write it in lower case.")
        case .misspeltKey:
            Explanation(
                "A key is misspelt.", at: .policy,
                fix: "The keys are version, mode, mx and max_age.")
        case .trailingSeparator:
            Explanation(
                "A comma or semicolon ends a line.", at: .policy,
                fix: "Remove it: the line end separates.")
        case .versionValue:
            Explanation(
                "The version is not spelt STSv1.", at: .policy, fix: "Write \"version: STSv1\".")
        case .modeValue:
            Explanation(
                "The mode is none of the three that there are.", at: .policy,
                fix: "Write enforce, testing or none, in lower case.")
        default:
            Explanation(
                "max_age is no plain number of seconds.", at: .policy,
                fix: "Write digits alone: 604800 is a week.")
        }
    }

    private var ofPattern: Explanation {
        switch self {
        case .mxList:
            Explanation(
                "Several hosts stand on one mx line.", at: .policy,
                fix: "Give each host its own \"mx:\" line.")
        case .mxPreference:
            Explanation(
                "The preference of the MX record stands before the host.", at: .policy,
                fix: "Write the host alone.")
        case .mxTrailingDot:
            Explanation(
                "A dot ends the host, as in a zone file.", at: .policy, fix: "Remove the dot.")
        case .mxMailbox:
            Explanation(
                "This is a mailbox, not a host.", at: .policy,
                fix: "Write the host that the MX record names.")
        case .mxURL:
            Explanation("This is a URL, not a host.", at: .policy, fix: "Write the host alone.")
        case .mxPort:
            Explanation(
                "A port follows the host.", at: .policy, fix: "Write the host alone.")
        case .mxAddress:
            Explanation(
                "This is an IP address, not a name.", at: .policy,
                fix: "Write the name that the MX record has.")
        case .mxPlaceholder:
            Explanation(
                "A placeholder of a template stands in place of a host.", at: .policy,
                fix: "Write the host that the MX record names.")
        case .mxWildcard:
            Explanation(
                "This is no wildcard that senders know.", at: .policy,
                fix: "Write \"*.\" and a domain: the star is the whole first label.")
        default:
            Explanation(
                "The host has letters other than ASCII.", at: .policy,
                fix: "Write its ASCII form, which begins with xn--.")
        }
    }

    private var ofRecord: Explanation {
        switch self {
        case .policyAsRecord:
            Explanation(
                "This is a policy, which belongs on the web server, not into DNS.", at: .zone,
                fix: "Publish \"v=STSv1; id=\" and an id of letters and digits.")
        case .zoneLine:
            Explanation(
                "This is the line of a zone file.", at: .zone,
                fix: "Give the text between the quotation marks alone.")
        case .escapedSemicolon:
            Explanation(
                "A backslash stands before the semicolon: an escape of zone files.", at: .zone,
                fix: "Write the semicolon alone.")
        case .colonSign:
            Explanation(
                "A colon stands where an equals sign belongs.", at: .zone,
                fix: "Write the equals sign.")
        case .blanksAroundEquals:
            Explanation(
                "There are blanks or capitals around the equals sign.", at: .zone,
                fix: "Write name=value in lower case, without blanks.")
        case .missingSemicolon:
            Explanation(
                "A semicolon is missing between two fields.", at: .zone, fix: "Add it.")
        case .recordVersion:
            Explanation(
                "The record does not begin with its version.", at: .zone,
                fix: "Begin it with \"v=STSv1;\", for reports with \"v=TLSRPTv1;\".")
        case .idValue:
            Explanation(
                "The id has other signs than letters and digits, or is too long.", at: .zone,
                fix: "Write 1 to 32 letters and digits.")
        case .mailtoSlashes:
            Explanation(
                "Two slashes follow mailto:.", at: .zone, fix: "Write \"mailto:\" and the mailbox.")
        case .missingMailto:
            Explanation(
                "A mailbox stands without mailto:.", at: .zone, fix: "Write \"mailto:\" before it.")
        case .ruaList:
            Explanation(
                "Several destinations are not separated by commas alone.", at: .zone,
                fix: "Write a comma and no blank between them.")
        case .unencryptedURI:
            Explanation(
                "Reports cannot be sent to http:.", at: .zone, fix: "Name an https: address.")
        default:
            Explanation(
                "The field is one of DMARC.", at: .zone, fix: "Keep only v and rua.")
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
