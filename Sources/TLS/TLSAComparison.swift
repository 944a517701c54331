internal import COpenSSL
internal import DNS
internal import Observations

/// Compares TLSA records with the certificates of a session, to say what a record that does not
/// match is a mistake of.
///
/// Which record binds a sender is OpenSSL's to decide; this explains.
struct TLSAComparison {
    /// How many certificates of a chain are compared.
    private static let certificatesMax = 32

    private let leaf: Certificate
    /// The certificates that were sent beside the leaf.
    private let authorities: [Certificate]
    /// Those that the path built leads to besides; asked for once, and only where it matters.
    private let unsent: () -> [Certificate]

    /// The certificates that were shown with `leaf`; `path` gives those of the path built.
    init(
        of leaf: OpaquePointer, among shown: OpaquePointer?,
        path: @escaping () -> [Certificate]
    ) {
        self.leaf = unsafe Certificate(leaf)
        let (own, sent) = unsafe (self.leaf, Certificate.all(of: shown, most: Self.certificatesMax))
        authorities = sent.filter { $0 != own }
        unsent = { path().filter { $0 != own && !sent.contains($0) } }
    }

    /// The relation of each record, in their order.
    func relations(of records: [TLSARecord]) -> [TLSARelation] {
        var path: [Certificate]?
        return records.map { record in
            guard record.isUsable else { return .unusable }
            let relation = relation(of: record)
            guard record.usage == 2, relation == .nothing || relation == .otherSelector else {
                return relation
            }
            let beyond = path ?? unsent()
            path = beyond
            guard beyond.contains(where: { $0.matches(record) }) else { return relation }
            // A record that is the authority itself stands in for it (RFC 7671 §5.2.2, §5.2.3).
            return record.matchingType == 0 ? .match : .notSent
        }
    }

    private func relation(of record: TLSARecord) -> TLSARelation {
        let (own, others) = record.usage == 3 ? ([leaf], authorities) : (authorities, [leaf])
        if own.contains(where: { $0.matches(record) }) { return .match }
        if ["", "\n"].contains(where: { digest(of: Array($0.utf8), for: record) == record.data }) {
            return .empty
        }
        if others.contains(where: { $0.matches(record) }) {
            return record.usage == 3 ? .issuer : .leaf
        }
        var other = record
        other.selector = 1 - record.selector
        if own.contains(where: { $0.matches(other) }) { return .otherSelector }
        return own.contains { $0.isPEM(in: record) } ? .pem : .nothing
    }
}

extension TLSAComparison {
    /// A certificate and its SubjectPublicKeyInfo, DER.
    struct Certificate: Equatable {
        private let certificate: [UInt8]
        private let key: [UInt8]

        init(_ certificate: OpaquePointer) {
            unsafe self.certificate = Self.octets { unsafe i2d_X509(certificate, $0) }
            key = unsafe Self.octets {
                unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0)
            }
        }

        /// Those of a chain, no more than `most`.
        static func all(of chain: OpaquePointer?, most: Int) -> [Certificate] {
            let count = unsafe min(most, Int(copenssl_chain_count(chain)))
            return (0..<max(0, count)).compactMap {
                unsafe copenssl_chain_item(chain, Int32($0)).map { unsafe Certificate($0) }
            }
        }

        private static func octets(
            _ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
        ) -> [UInt8] {
            var encoded: UnsafeMutablePointer<UInt8>?
            let length = unsafe encode(&encoded)
            guard length > 0, let encoded = unsafe encoded else { return [] }
            defer { unsafe CRYPTO_free(encoded, "", 0) }
            return unsafe Array(UnsafeBufferPointer(start: encoded, count: Int(length)))
        }

        /// Whether the record is of this certificate, whatever its usage.
        func matches(_ record: TLSARecord) -> Bool {
            digest(of: record.selector == 0 ? certificate : key, for: record) == record.data
        }

        /// Whether the record is the digest of the certificate's or key's text, with a line end
        /// after it or without.
        func isPEM(in record: TLSARecord) -> Bool {
            let (octets, label) =
                record.selector == 0 ? (certificate, "CERTIFICATE") : (key, "PUBLIC KEY")
            let text = pem(octets, label)
            return digest(of: text, for: record) == record.data
                || digest(of: text.dropLast(), for: record) == record.data
        }
    }
}

/// What a record of its matching type has of these octets (RFC 6698 §2.1.3).
private func digest(of octets: some Sequence<UInt8>, for record: TLSARecord) -> [UInt8] {
    let octets = Array(octets)
    let method = unsafe record.matchingType == 1 ? SHA256Digest.method : sha512Method
    guard record.matchingType != 0 else { return octets }
    var digest = [UInt8](repeating: 0, count: record.matchingType == 1 ? 32 : 64)
    let isDone = unsafe octets.withUnsafeBytes {
        unsafe EVP_Digest($0.baseAddress, $0.count, &digest, nil, method, nil) == 1
    }
    return isDone ? digest : []
}

/// OpenSSL's SHA-512, looked up once; never freed.
nonisolated(unsafe) private let sha512Method = unsafe fetchSHA512()

private func fetchSHA512() -> OpaquePointer? {
    TLSLibrary.prepare()
    return unsafe EVP_MD_fetch(nil, "SHA512", nil)
}

/// Octets as PEM (RFC 7468 §2): lines of 64 characters.
private func pem(_ octets: [UInt8], _ label: String) -> [UInt8] {
    let capacity = (octets.count + 2) / 3 * 4 + 1
    let text = unsafe [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
        unsafe count = max(
            0, Int(EVP_EncodeBlock(buffer.baseAddress, octets, Int32(octets.count))))
    }
    var lines = Array("-----BEGIN \(label)-----\n".utf8)
    for start in stride(from: 0, to: text.count, by: 64) {
        lines += text[start..<min(start + 64, text.count)] + [UInt8(ascii: "\n")]
    }
    return lines + Array("-----END \(label)-----\n".utf8)
}
