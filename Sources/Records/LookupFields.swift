internal import DNS
internal import Judgement

/// The keys that every lookup has.
private let lookupFields: [Field<Lookup>] = Field.cached(headFields) { LookupHead($0) }

/// What those keys show of a lookup.
private struct LookupHead: Equatable {
    var status: LookupStatus
    var rcode: UInt8?
    var isAuthenticated: Bool
    var ttl: UInt32?
    var omitted: Int
    var aliases: [DomainName]
    var extendedErrors: ExtendedDNSErrors?
    var inference: LookupInference?

    init(_ lookup: borrowing Lookup) {
        status = lookup.status
        rcode = lookup.rcode
        isAuthenticated = lookup.isAuthenticated
        ttl = lookup.ttl
        omitted = lookup.omitted
        aliases = lookup.aliases
        extendedErrors = lookup.extendedErrors
        inference = lookup.inference
    }
}

private let headFields: [Field<LookupHead>] = [
    Field("status", "How the question ended.", "DNS") { $0.status },
    Field("rcode", "The RCODE as a number; null where no response came.", "DNS") { $0.rcode },
    Field("ad", "Whether the name server set the AD bit.", "RFC 4035 §3.2.3") {
        $0.isAuthenticated
    },
    Field("ttl", "The smallest TTL of the answer, in seconds.", "DNS") { $0.ttl },
    Field("omitted", "How many records were left out: 512 are kept.", "DNS") { $0.omitted },
    Field("cnames", "The targets of the CNAMEs followed, in order.", "DNS") { $0.aliases },
    Field("extended_errors", "The extended errors sent: 6 is bogus, 22 lame.", "RFC 8914 §4") {
        $0.extendedErrors?.codes.map { Int($0) }
    }.since(2),
    Field("extended_error_text", "What the name server says of them.", "RFC 8914 §2") {
        $0.extendedErrors?.text
    }.since(2),
    Field(
        "inferred", "From what it follows, where the question was not asked; else null.",
        "RFC 8020 §2"
    ) {
        $0.inference
    }.since(2),
]

/// The keys of an MX lookup.
let mxLookupFields: [Field<Lookup>] =
    lookupFields + [
        .objects(
            "records", "The MX records in the order received.", "RFC 5321 §5.1", mxFields,
            of: { $0.records }
        ) { MXExchange($0) }
    ]

private let mxFields: [Field<MXExchange>] = [
    Field("preference", "The preference; lower is tried first.", "RFC 1035 §3.3.9") {
        $0.preference
    },
    Field("exchange", "The host; `.` for a null MX.", "RFC 1035 §3.3.9") { $0.name },
]

/// The keys of a TXT lookup.
///
/// Nearly all of them are the same: the name does not exist.
let txtLookupFields: [Field<Lookup>] = Field.cached(lookupFields + [txtRecords]) { $0 }

private let txtRecords = Field<Lookup>(
    "records", "The TXT records, each as its character-strings in the escapes of RFC 1035 §5.1.",
    "RFC 1035 §3.3.14"
) { $0.texts.map { $0.map { EscapedOctets(string: $0) } } }

/// The keys of an A or AAAA lookup.
let addressLookupFields: [Field<Lookup>] =
    lookupFields + [
        Field("addresses", "The addresses in the order received.", "DNS") { $0.addresses }
    ]

/// The keys of a TLSA lookup.
let tlsaLookupFields: [Field<Lookup>] =
    lookupFields + [
        .objects("records", "The TLSA records in the order received.", "RFC 6698", tlsaFields) {
            $0.tlsa
        }
    ]

private let tlsaFields: [Field<TLSARecord>] = [
    Field("usage", "2 DANE-TA, 3 DANE-EE; 0 and 1 are not for SMTP.", "RFC 6698 §2.1.1") {
        $0.usage
    },
    Field("selector", "0 the certificate, 1 its public key.", "RFC 6698 §2.1.2") { $0.selector },
    Field("matching_type", "0 the data itself, 1 SHA-256, 2 SHA-512.", "RFC 6698 §2.1.3") {
        $0.matchingType
    },
    Field("data", "The association data in hexadecimal digits.", "RFC 6698 §2.1.4") {
        HexText(octets: $0.data)
    },
]

extension Lookup {
    fileprivate var addresses: [IPAddress] {
        records.compactMap {
            switch $0 {
            case .a(let address), .aaaa(let address): address
            default: nil
            }
        }
    }

    fileprivate var tlsa: [TLSARecord] {
        records.compactMap { if case .tlsa(let record) = $0 { record } else { nil } }
    }
}
