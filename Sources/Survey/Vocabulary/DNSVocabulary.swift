internal import MTASTS
internal import TLSRPT

extension MXStatus {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .hasMX: "MX records name at least one host (RFC 5321 §5.1)."
        case .implicit: "No MX, and the domain's own address takes mail (RFC 5321 §5.1)."
        case .nullMX: "A null MX alone: the domain takes no mail (RFC 7505 §3)."
        case .nullMXPlus: "A null MX stands beside others, which is forbidden (RFC 7505 §3)."
        case .nxdomain: "The domain does not exist (RFC 5321 §5.1)."
        case .nodata: "Neither MX nor A nor AAAA (RFC 5321 §5.1)."
        case .junk: "No MX names a host: localhost, addresses, single labels (RFC 5321 §5.1)."
        case .servfail: "The lookup ended in SERVFAIL (RFC 1035 §4.1.1)."
        case .refused: "The lookup was refused (RFC 1035 §4.1.1)."
        case .timeout: "No answer in time."
        case .unreachable: "No name server could be reached."
        case .dnsError: "The lookup failed otherwise (RFC 1035 §4.1.1)."
        }
    }
}

extension STSRecordStatus {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .absent: "There is no TXT record at the name (RFC 8461 §3.1)."
        case .unrelated: "TXT is there, and none of it resembles a record (RFC 8461 §3.1)."
        case .ok: "Exactly one record, and it is valid (RFC 8461 §3.1)."
        case .multiple: MTASTS.RecordStatus.multiple.sentence
        case .badVersion: MTASTS.RecordStatus.badVersion.sentence
        case .missingID: MTASTS.RecordStatus.missingID.sentence
        case .badID: MTASTS.RecordStatus.badID.sentence
        case .badExtension: MTASTS.RecordStatus.badExtension.sentence
        case .badField: MTASTS.RecordStatus.badField.sentence
        case .nonASCII: MTASTS.RecordStatus.nonASCII.sentence
        case .servfail: "The lookup ended in SERVFAIL (RFC 1035 §4.1.1)."
        case .refused: "The lookup was refused (RFC 1035 §4.1.1)."
        case .timeout: "No answer in time."
        case .unreachable: "No name server could be reached."
        case .dnsError: "The lookup failed otherwise (RFC 1035 §4.1.1)."
        }
    }
}

extension TLSRPTStatus {
    /// What the word says and by which rule.
    public var meaning: String {
        switch self {
        case .absent: "There is no TXT record at the name (RFC 8460 §3)."
        case .unrelated: "TXT is there, and none of it resembles a record (RFC 8460 §3)."
        case .ok: "Exactly one record, and it is valid (RFC 8460 §3)."
        case .multiple: TLSRPT.RecordStatus.multiple.sentence
        case .badVersion: TLSRPT.RecordStatus.badVersion.sentence
        case .missingRUA: TLSRPT.RecordStatus.missingRUA.sentence
        case .badRUA: TLSRPT.RecordStatus.badRUA.sentence
        case .badExtension: TLSRPT.RecordStatus.badExtension.sentence
        case .servfail: "The lookup ended in SERVFAIL (RFC 1035 §4.1.1)."
        case .refused: "The lookup was refused (RFC 1035 §4.1.1)."
        case .timeout: "No answer in time."
        case .unreachable: "No name server could be reached."
        case .dnsError: "The lookup failed otherwise (RFC 1035 §4.1.1)."
        }
    }
}

extension MXTarget {
    /// The word and what it says.
    var term: Term { Term(word: rawValue, meaning: meaning) }

    private var meaning: String {
        switch self {
        case .host: "A name that can have addresses (RFC 5321 §5.1)."
        case .null: "The root: the domain takes no mail (RFC 7505 §3)."
        case .localhost: "`localhost`, or a name below it (RFC 6761 §6.3)."
        case .addressLiteral: "An address where a name belongs (RFC 1035 §3.3.9)."
        case .singleLabel: "A single label, which no public host has (RFC 5321 §2.3.5)."
        }
    }
}
