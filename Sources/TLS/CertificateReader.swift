internal import COpenSSL
import Glibc
internal import Observations

/// Reads what the survey records of a certificate.
enum CertificateReader {
    /// The facts of a certificate; `chain` is what it was verified by, and `length` how many
    /// certificates the peer has shown.
    static func read(
        _ certificate: OpaquePointer, chain: OpaquePointer?, length: Int, _ found: ChainErrors
    ) -> CertificateObservation {
        let key = unsafe X509_get0_pubkey(certificate)
        let pathLength = unsafe Int(copenssl_chain_count(chain))
        var read = unsafe CertificateObservation(
            subject: text(of: X509_get_subject_name(certificate)),
            issuer: text(of: X509_get_issuer_name(certificate)),
            names: dnsNames(of: certificate),
            notBefore: seconds(X509_get0_notBefore(certificate)),
            notAfter: seconds(X509_get0_notAfter(certificate)),
            keyType: unsafe key.flatMap { unsafe EVP_PKEY_get0_type_name($0) }.map {
                unsafe String(cString: $0)
            } ?? "",
            keyBits: unsafe key.map { unsafe Int(EVP_PKEY_get_bits($0)) } ?? 0,
            signatureAlgorithm: unsafe longName(X509_get_signature_nid(certificate)),
            sha256: unsafe sha256(of: certificate),
            spkiSHA256: unsafe publicKeySHA256(of: certificate),
            chainLength: length, errors: found.errors, detail: found.detail,
            securityBits: unsafe securityBits(of: chain) ?? key.flatMap(unsafe strength),
            issuerOrganization: unsafe organization(of: X509_get_issuer_name(certificate)),
            extendedKeyUsages: unsafe extendedKeyUsages(of: certificate),
            namesOCSPResponder: unsafe copenssl_names_ocsp_responder(certificate) != 0)
        read.pathLength = pathLength > 0 ? pathLength : nil
        return read
    }

    /// The most usages of a certificate that are kept.
    private static let usagesMax = 16

    private static func extendedKeyUsages(of certificate: OpaquePointer) -> [String] {
        let list = NameList()
        _ = unsafe copenssl_each_extended_key_usage(
            certificate, Int32(usagesMax), Unmanaged.passUnretained(list).toOpaque(), noteName)
        return list.names
    }

    private static func organization(of name: OpaquePointer?) -> String? {
        guard let name = unsafe name else { return nil }
        let list = NameList()
        _ = unsafe copenssl_organization(
            name, Unmanaged.passUnretained(list).toOpaque(), noteName)
        return list.names.first.map {
            $0.utf8.count > CertificateObservation.organizationLimit
                ? String($0.prefix(CertificateObservation.organizationLimit)) + "…" : $0
        }
    }

    /// The strength in bits of the weakest key of a chain; nil where it has none that can be read.
    private static func securityBits(of chain: OpaquePointer?) -> Int? {
        unsafe (0..<max(0, copenssl_chain_count(chain)))
            .compactMap {
                unsafe X509_get0_pubkey(copenssl_chain_item(chain, $0)).flatMap(unsafe strength)
            }
            .min()
    }

    /// The strength of a key in bits (NIST SP 800-57); nil where OpenSSL knows of none.
    private static func strength(_ key: OpaquePointer) -> Int? {
        let bits = unsafe Int(EVP_PKEY_get_security_bits(key))
        return bits > 0 ? bits : nil
    }

    static func dnsNames(of certificate: OpaquePointer) -> [String] {
        let list = NameList()
        unsafe copenssl_each_dns_name(
            certificate, Unmanaged.passUnretained(list).toOpaque(), noteName)
        return list.names
    }

    static func sha256(of certificate: OpaquePointer) -> String {
        unsafe digest(of: certificate).map(hexadecimal) ?? ""
    }

    /// The SHA-256 of the certificate's DER; nil where it cannot be taken.
    static func digest(of certificate: OpaquePointer?) -> [UInt8]? {
        var digest = [UInt8](repeating: 0, count: 32)
        return unsafe X509_digest(certificate, SHA256Digest.method, &digest, nil) == 1
            ? digest : nil
    }

    /// The first and the last second of the certificate's validity, since 1970.
    static func validity(of certificate: OpaquePointer?) -> [Int] {
        unsafe [X509_get0_notBefore(certificate), X509_get0_notAfter(certificate)].map {
            unsafe Int(seconds($0))
        }
    }

    /// RFC 6698 selector 1 and "pin" tools mean the whole SubjectPublicKeyInfo, not its key bits.
    private static func publicKeySHA256(of certificate: OpaquePointer) -> String {
        var encoded: UnsafeMutablePointer<UInt8>?
        let length = unsafe i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &encoded)
        guard length > 0, let encoded = unsafe encoded else { return "" }
        defer { unsafe CRYPTO_free(encoded, "", 0) }
        return unsafe SHA256Digest.of(UnsafeRawBufferPointer(start: encoded, count: Int(length)))
    }

    private static func text(of name: OpaquePointer?) -> String {
        guard let name = unsafe name else { return "" }
        let limit = CertificateObservation.subjectLimit
        let capacity = limit + 1
        return unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            let length = unsafe Int(copenssl_print_name(name, buffer.baseAddress, Int32(capacity)))
            return unsafe buffer.prefix(min(length, limit)).withMemoryRebound(to: UInt8.self) {
                unsafe String(decoding: $0, as: UTF8.self) + (length > limit ? "…" : "")
            }
        }
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64 {
        var parts = unsafe tm()
        guard let time = unsafe time, unsafe ASN1_TIME_to_tm(time, &parts) == 1 else { return 0 }
        return unsafe Int64(timegm(&parts))
    }

    private static func longName(_ identifier: Int32) -> String {
        unsafe OBJ_nid2ln(identifier).map { unsafe String(cString: $0) } ?? ""
    }
}

/// Texts of a certificate, such as all its names: the whole list decides which of them matches a
/// host.
///
/// Octets that are no UTF-8 are replaced, and so match no host, as they did before. How long the
/// list can be is limited by `TLSProfile.certificateOctets`.
private final class NameList {
    private(set) var names: [String] = []

    func add(_ name: UnsafeBufferPointer<UInt8>) {
        unsafe names.append(String(decoding: name, as: UTF8.self))
    }
}

private func noteName(
    _ list: UnsafeMutableRawPointer?, _ bytes: UnsafePointer<UInt8>?, _ count: Int32
) {
    guard let list = unsafe list else { return }
    let name = unsafe UnsafeBufferPointer(start: bytes, count: Int(count))
    unsafe Unmanaged<NameList>.fromOpaque(list).takeUnretainedValue().add(name)
}
