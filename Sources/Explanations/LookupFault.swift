internal import DNS
internal import Observations

extension Lookup {
    /// Why the answer cannot be used, as part of a sentence; nil where it can, and where a SERVFAIL
    /// has no explanation of its own.
    var fault: String? {
        switch status {
        case .found, .nodata, .nxdomain: nil
        case .servfail: extendedErrors?.fault
        case .refused: "the name server refuses (REFUSED)"
        case .rcode: "the name server answers with the error code \(rcode ?? 0)\(rcodeName)"
        case .timeout: "no name server answers in time"
        case .unreachable: "no name server can be reached"
        case .malformed: "it is malformed"
        case .aliasLoop: "its aliases (CNAME) form a loop, or are too many to follow"
        }
    }

    /// The name of the error code in parentheses (RFC 1035 §4.1.1, RFC 2136 §2.2); empty where the
    /// number says as much.
    private var rcodeName: String {
        switch rcode {
        case 1: " (FORMERR)"
        case 4: " (NOTIMP)"
        case 9: " (NOTAUTH)"
        default: ""
        }
    }
}

extension AddressLookup {
    /// Why the addresses are not known.
    var fault: String? { a.fault ?? aaaa.fault }
}

extension ExtendedDNSErrors {
    /// What a resolver says of its failure (RFC 8914 §4); nil where that is no more than SERVFAIL.
    fileprivate var fault: String? { codes.lazy.compactMap(Self.text).first }

    private static func text(_ code: UInt16) -> String? {
        switch code {
        case 5, 6: "its DNSSEC signatures do not verify"
        case 7: "a DNSSEC signature has expired"
        case 8: "a DNSSEC signature is not valid yet"
        case 9: "the DNSKEY that the parent zone names in its DS record is missing"
        case 10: "a DNSSEC signature is missing"
        case 11: "the zone's DNSKEY is not marked as a zone key"
        case 12: "the NSEC or NSEC3 records that prove the absence of a name are missing"
        case 22: "no authoritative name server can be reached"
        case 23: "the resolver cannot reach an authoritative name server"
        default: nil
        }
    }
}
