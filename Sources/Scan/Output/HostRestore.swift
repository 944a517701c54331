internal import Archive
internal import DNS
import FoundationEssentials
internal import Survey

/// Reads back what hosts have shown, so that a resumed scan does not probe them again.
enum HostRestore {
    /// The last hosts of the folder's committed files, as far as domains are judged by them.
    static func hosts(
        in directory: String, files: [CommittedFile], limit: Int
    ) throws(ScanError) -> [HostObservation] {
        let count = files.reduce(0) { $0 + $1.records }
        var hosts: [HostObservation] = []
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do {
            let reader = ArchiveReader(paths: files.map { "\(directory)/\($0.name)" })
            // What stands behind the committed records is not known to be whole.
            for place in 0..<count {
                guard let line = try reader.next() else { break }
                guard place >= count - limit else { continue }
                hosts.append(try decoder.decode(StoredHost.self, from: Data(line)).seen)
            }
        } catch {
            throw .output("the hosts of \(directory) cannot be read back: \(error)")
        }
        return hosts
    }
}

/// The keys of a host record that matter to the domains that name the host.
private struct StoredHost: Decodable {
    struct Lookup: Decodable {
        var status: String
        var rcode: UInt8?
        var ad: Bool
        var ttl: UInt32?
        var cnames: [String]
        var addresses: [String]?
        var records: [TLSA]?
    }
    struct TLSA: Decodable {
        var usage: UInt8
        var selector: UInt8
        var matchingType: UInt8
        var data: String
    }
    struct Certificate: Decodable {
        var subject: String
        var names: [String]
        var errors: [String]
        var detail: String?
    }
    struct Session: Decodable {
        var address: String
        var status: String
        var tlsVersion: String?
        var tlsCipher: String?
        var tlsGroup: String?
        var tlsAlert: String?
        var certificate: Certificate?
        var daneMatch: Bool?
        var daneUsage: UInt8?
    }

    var host: String
    var status: String
    var rounds: Int
    var observation: Int
    var tlsaBase: String?
    var a: Lookup?
    var aaaa: Lookup?
    var tlsa: Lookup?
    var sessions: [Session]

    var seen: HostObservation {
        var addresses: AddressLookup?
        if let a, let aaaa { addresses = AddressLookup(a: a.lookup, aaaa: aaaa.lookup) }
        let status = ProbeStatus(rawValue: status) ?? .notProbed
        return HostObservation(
            name: DomainName(canonical: host), addresses: addresses, tlsa: tlsa?.lookup,
            tlsaBase: tlsaBase.map { DomainName(canonical: $0) }, status: status,
            sessions: sessions.first { $0.status == self.status }.flatMap(\.observation)
                .map { [$0] } ?? [],
            observedAt: 0, durationMS: 0, rounds: rounds, number: observation)
    }
}

extension StoredHost.Lookup {
    var lookup: DNS.Lookup {
        let found = (addresses ?? []).compactMap { text in
            IPAddress(text).map { $0.isV4 ? RecordData.a($0) : RecordData.aaaa($0) }
        }
        let tlsa = (records ?? []).map { RecordData.tlsa($0.record) }
        return DNS.Lookup(
            status: LookupStatus(rawValue: status) ?? .malformed, rcode: rcode, isAuthenticated: ad,
            aliases: cnames.map { DomainName(canonical: $0) }, records: found + tlsa, ttl: ttl)
    }
}

extension StoredHost.TLSA {
    var record: TLSARecord {
        TLSARecord(
            usage: usage, selector: selector, matchingType: matchingType, data: octets(data))
    }
}

extension StoredHost.Session {
    var observation: SessionObservation? {
        guard let address = IPAddress(address), let status = ProbeStatus(rawValue: status) else {
            return nil
        }
        var session = SessionObservation(address: address, status: status)
        guard tlsVersion != nil || tlsAlert != nil || certificate != nil else { return session }
        var tls = TLSObservation()
        tls.version = tlsVersion
        tls.cipher = tlsCipher
        tls.group = tlsGroup
        tls.alert = tlsAlert
        tls.certificate = certificate?.observation
        tls.dane = daneMatch.map { DANEObservation(isMatch: $0, usage: daneUsage) }
        session.tls = tls
        return session
    }
}

extension StoredHost.Certificate {
    var observation: CertificateObservation {
        CertificateObservation(
            subject: subject, issuer: "", names: names, notBefore: 0, notAfter: 0, keyType: "",
            keyBits: 0, signatureAlgorithm: "", sha256: "", spkiSHA256: "", chainLength: 0,
            errors: errors.compactMap { CertificateError(rawValue: $0) }, detail: detail)
    }
}

/// The octets of hexadecimal digits.
private func octets(_ digits: String) -> [UInt8] {
    var octets: [UInt8] = []
    var high: UInt8?
    for digit in digits.utf8 {
        guard let value = Character(UnicodeScalar(digit)).hexDigitValue else { return [] }
        if let first = high {
            octets.append(first << 4 | UInt8(value))
            high = nil
        } else {
            high = UInt8(value)
        }
    }
    return octets
}
