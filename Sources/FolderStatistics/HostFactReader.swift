internal import Judgement
internal import Observations
internal import RecordReading
internal import Records
internal import Statistics

/// Reads out of a host record what is counted; keys are looked up in the order of the schema.
final class HostFactReader: Sendable {
    private let statuses = EnumTable<ProbeStatus>()
    private let dane = EnumTable<HostDANEStatus>()
    private let failures = EnumTable<DANEFailure>()
    private let certificates = EnumTable<CertificateStatus>()

    /// The facts of a record; nil where it names no host.
    func facts(_ record: StoredRecord) -> HostFacts? {
        var fields = record.object
        guard let host = fields["host"]?.string else { return nil }
        let observation = fields["observation"]?.int ?? 0
        guard let status = statuses[fields["status"]], let dane = dane[fields["dane_status"]]
        else { return nil }
        var facts = HostFacts(host: host, status: status, dane: dane)
        facts.observation = observation
        facts.daneFailure = failures[fields["dane_failure"]]
        facts.tlsVersion = fields["tls_version"]?.string
        facts.offersREQUIRETLS = fields["requiretls"]?.bool
        facts.certificate = certificates[fields["certificate_status"]]
        facts.certificateErrors =
            fields["certificate_errors"]?.elements.compactMap { certificates[$0] } ?? []
        facts.observedAt = time(fields["observed_at"]) ?? 0
        let lookups = [fields["a"], fields["aaaa"]]
        facts.cnames = lookups.lazy.map { strings($0?["cnames"]) }.first { !$0.isEmpty } ?? []
        facts.addresses = lookups.flatMap { strings($0?["addresses"]) }
        facts.networks = networks(of: record.value)
        read(fields["sessions"]?.elements, of: host, into: &facts)
        return facts
    }

    /// Reads of the session that counts, as `HostObservation` chooses it, what the host's own keys
    /// do not have.
    private func read(_ sessions: JSONElements?, of host: String, into facts: inout HostFacts) {
        guard let sessions else { return }
        let place = sessions.decisive { result(of: $0, host: host) }
        guard let place, let session = sessions.dropFirst(place).first(where: { _ in true }) else {
            return
        }
        var fields = session.object
        facts.tlsGroup = fields?["tls_group"]?.string
        if let certificate = fields?["certificate"]?.object { facts.shown = shown(certificate) }
    }

    /// The result of a session; nil where another name was asked for.
    private func result(of session: JSONValue, host: String) -> SessionResult? {
        guard var fields = session.object, let status = statuses[fields["status"]] else {
            return nil
        }
        if let name = fields["server_name"]?.string, name != host { return nil }
        let errors = fields["certificate"]?["errors"]
        let isVerified = errors.map { !$0.isNull && !$0.elements.contains { _ in true } } ?? false
        return SessionResult(status, isVerified: isVerified)
    }

    private func shown(_ object: JSONObject) -> HostFacts.Certificate? {
        var fields = object
        guard let issuer = fields["issuer"]?.string, let start = time(fields["not_before"]),
            let end = time(fields["not_after"]), let type = fields["key_type"]?.string,
            let bits = fields["key_bits"]?.int
        else { return nil }
        return HostFacts.Certificate(
            organization: fields["issuer_organization"]?.string, issuer: issuer, keyType: type,
            keyBits: bits, validity: ValidityPeriod(from: start, through: end))
    }

    private func time(_ value: JSONValue?) -> Int64? {
        unsafe value?.utf8.flatMap { unsafe Timestamp($0)?.epochSeconds }
    }
}
