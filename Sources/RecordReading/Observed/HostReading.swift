internal import DNS
public import Observations
public import Records
internal import SMTP

private let deviations = EnumTable<ReplyDeviation>()
private let statuses = EnumTable<ProbeStatus>()
private let tlsaRelations = EnumTable<TLSARelation>()
private let origins = EnumTable<Observed>()

extension HostObservation {
    /// What was seen of an MX host, from its record: all that the record has, so that it can be
    /// written again octet by octet.
    public convenience init(record: JSONValue) throws(ObservationError) {
        var members = RecordMembers(record)
        let name = try members.required("host") { $0.domainName }
        let number: Int = try members.integer("observation")
        let status = try members.word("status", statuses)
        let tlsaBase = try members.optional("tlsa_base") { $0.domainName }
        let observedAt = try members.required("observed_at") { $0.epochSeconds }
        let durationMS: Int = try members.integer("duration_ms")
        let rounds: Int = try members.integer("rounds")
        let addresses = try AddressLookup(in: &members)
        let tlsa = try members.child("tlsa") { (value) throws(ObservationError) in
            try Lookup(tlsa: value)
        }
        var sessions: [SessionObservation] = []
        for session in try members.value("sessions").elements {
            sessions.append(try SessionObservation(session))
        }
        self.init(
            name: name, addresses: addresses, tlsa: tlsa, tlsaBase: tlsaBase, status: status,
            sessions: sessions, observedAt: observedAt, durationMS: durationMS, rounds: rounds,
            number: number)
    }
}

extension AddressNetwork {
    /// Where the addresses of a host record, or of the policy of a domain record, are; nil where
    /// that is not recorded.
    public static func all(in record: JSONValue) throws(ObservationError) -> [AddressNetwork]? {
        guard let networks = record["networks"], !networks.isNull else { return nil }
        var all: [AddressNetwork] = []
        for element in networks.elements {
            var members = RecordMembers(element)
            let system = try members.optional("asn") { $0.int.flatMap { UInt32(exactly: $0) } }
            let others = try members.elements("other_asns") {
                $0.int.flatMap { UInt32(exactly: $0) }
            }
            all.append(
                AddressNetwork(
                    address: try members.required("address") { $0.address },
                    systems: [system].compactMap(\.self) + others,
                    name: try members.optional("as_name") { $0.string },
                    country: try members.optional("as_country") { $0.string },
                    prefix: try members.optional("prefix") { $0.string }))
        }
        return all
    }
}

extension SessionObservation {
    fileprivate init(_ value: JSONValue) throws(ObservationError) {
        var members = RecordMembers(value)
        self.init(
            address: try members.required("address") { $0.address },
            status: try members.word("status", statuses))
        observed = try members.optional("observed") { origins[$0] }
        sharedFrom = try members.optional("shared_from") { $0.domainName }
        serverName = try members.later("server_name") { $0.domainName }
        replies = try Replies(in: &members)
        deviations = try members.laterElements("reply_deviations") { RecordReading.deviations[$0] }
        extensions = try members.elements("extensions") { $0.escapedOctets }
        hasPlaintextAfterStartTLS = try members.required("plaintext_after_starttls") { $0.bool }
        tlsExtensions = try members.elements("tls_extensions") { $0.escapedOctets }
        var handshake = try TLSObservation(in: &members)
        if let hasStaple = try members.optional("ocsp_staple", { $0.bool }) {
            handshake = handshake ?? TLSObservation()
            handshake?.hasOCSPStaple = hasStaple
        }
        let usage = try members.optional("dane_usage") { $0.int.flatMap { UInt8(exactly: $0) } }
        let relations = try members.laterElements("dane_relations") { tlsaRelations[$0] }
        let daneError = try members.later("dane_error") { certificateErrors[$0] }
        handshake?.dane = try members.optional("dane_match") { value in
            value.bool.map {
                DANEObservation(
                    isMatch: $0, usage: usage, relations: relations, error: daneError)
            }
        }
        tls = handshake
        error = try members.optional("error") { $0.string }
        durationMS = try members.integer("duration_ms")
    }
}

extension Replies {
    /// What a server said, as far as the record has it.
    fileprivate init(in members: inout RecordMembers) throws(ObservationError) {
        self.init()
        greeting = try ReplyText(
            code: members.later("greeting_code") { $0.int },
            text: members.optional("greeting") { $0.escapedOctets })
        ehlo = try ReplyText(
            code: members.later("ehlo_code") { $0.int },
            text: members.later("ehlo_reply") { $0.escapedOctets })
        starttls = try ReplyText(
            code: members.later("starttls_code") { $0.int },
            text: members.optional("starttls_reply") { $0.escapedOctets })
        secureEHLO = try ReplyText(
            code: members.later("tls_ehlo_code") { $0.int },
            text: members.later("tls_ehlo_reply") { $0.escapedOctets })
    }
}

extension ReplyText {
    /// A reply with its code, where there is one.
    fileprivate init?(code: Int?, text: [UInt8]?) {
        guard let text else { return nil }
        self.init(code: code, bytes: text)
    }
}
