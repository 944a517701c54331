internal import COpenSSL
import Synchronization

/// A PEM file of nothing but certificates, each passed to OpenSSL when a chain needs its subject.
///
/// OpenSSL would need half of a short scan's time to parse the system's hundred and forty, of which
/// a scan needs a few.
final class TrustFile: Sendable {
    /// SHA-256 of each certificate, once each.
    let digests: Set<String>
    private let certificates: [[UInt8]]
    private let index = Mutex<SubjectIndex?>(nil)
    private let unreadable = Mutex<Set<Int>>([])

    /// Which certificates of the file, counted from 1, were needed and could not be read.
    var unreadableNumbers: [Int] { unreadable.withLock { $0.sorted() } }

    /// What `path` holds; nil where OpenSSL is to read it itself, and to report what is wrong with
    /// it.
    init?(_ path: String) {
        guard let file = unsafe BIO_new_file(path, "r") else {
            ERR_clear_error()
            return nil
        }
        defer { unsafe BIO_free(file) }
        var certificates: [[UInt8]] = []
        while let block = unsafe PEMBlock(next: file) {
            guard block.isCertificate else { return nil }
            certificates.append(block.content)
        }
        let isAtEnd = OpenSSLError.take().isNoStartLine
        guard isAtEnd, !certificates.isEmpty else { return nil }
        self.certificates = certificates
        digests = Set(certificates.map { unsafe $0.withUnsafeBytes(SHA256Digest.of) })
    }

    /// Has `store` look up missing certificates here; the file must outlive it.
    func attach(to store: OpaquePointer) {
        guard let lookup = unsafe X509_STORE_add_lookup(store, lookupMethod) else {
            preconditionFailure("out of memory")
        }
        unsafe X509_LOOKUP_set_method_data(lookup, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Adds all certificates of a subject to `store`, and gives the first to `found`.
    fileprivate func find(
        _ subject: OpaquePointer, for store: OpaquePointer, _ found: OpaquePointer?
    ) -> Bool {
        let places = index.withLock { index in
            let known = index ?? SubjectIndex(certificates)
            index = known
            return unsafe known.places(of: subject)
        }
        var isFound = false
        for place in places {
            guard let certificate = unsafe parsed(certificates[place]) else {
                ERR_clear_error()
                unreadable.withLock { _ = $0.insert(place + 1) }
                continue
            }
            defer { unsafe X509_free(certificate) }
            unsafe X509_STORE_add_cert(store, certificate)
            // OpenSSL counts a reference of its own, so that this one is never released.
            if !isFound { isFound = unsafe X509_OBJECT_set1_X509(found, certificate) == 1 }
        }
        return isFound
    }

    private func parsed(_ certificate: [UInt8]) -> OpaquePointer? {
        unsafe certificate.withUnsafeBufferPointer {
            var next = $0.baseAddress
            return unsafe d2i_X509(nil, &next, $0.count)
        }
    }
}

/// Finds certificates by subjects as OpenSSL compares them, whatever their encoding.
///
/// `@unchecked Sendable`: the names are not changed, and never freed.
@safe private struct SubjectIndex: @unchecked Sendable {
    private var entries: [(subject: OpaquePointer, place: Int)] = unsafe []

    init(_ certificates: [[UInt8]]) {
        for (place, certificate) in certificates.enumerated() {
            guard let range = CertificateDER.subject(in: certificate) else { continue }
            let subject = unsafe certificate[range].withUnsafeBufferPointer {
                var next = $0.baseAddress
                return unsafe d2i_X509_NAME(nil, &next, $0.count)
            }
            if let subject = unsafe subject { unsafe entries.append((subject, place)) }
        }
        unsafe entries.sort {
            let order = unsafe X509_NAME_cmp($0.subject, $1.subject)
            return unsafe order == 0 ? $0.place < $1.place : order < 0
        }
    }

    /// The indexes of the certificates of a subject, in the order of the file.
    func places(of subject: OpaquePointer) -> [Int] {
        var low = 0
        var high = unsafe entries.count
        while low < high {
            let middle = (low + high) / 2
            if unsafe X509_NAME_cmp(entries[middle].subject, subject) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return unsafe entries[low...].prefix { unsafe X509_NAME_cmp($0.subject, subject) == 0 }.map(
            \.place)
    }
}

/// A block of a PEM file.
private struct PEMBlock {
    private let name: String
    private let header: String
    let content: [UInt8]

    /// The next block; nil, with the reason in OpenSSL's queue, where there is none.
    init?(next file: OpaquePointer) {
        var name: UnsafeMutablePointer<CChar>?
        var header: UnsafeMutablePointer<CChar>?
        var data: UnsafeMutablePointer<UInt8>?
        var count = 0
        guard unsafe PEM_read_bio(file, &name, &header, &data, &count) == 1, let name = unsafe name,
            let header = unsafe header
        else {
            return nil
        }
        defer { unsafe CRYPTO_free(name, "", 0) }
        defer { unsafe CRYPTO_free(header, "", 0) }
        defer { unsafe CRYPTO_free(data, "", 0) }
        self.name = unsafe String(cString: name)
        self.header = unsafe String(cString: header)
        content = unsafe Array(UnsafeBufferPointer(start: data, count: count))
    }

    /// Whether it is a certificate without trust settings of its own.
    var isCertificate: Bool {
        name == "CERTIFICATE" && header.isEmpty && CertificateDER.subject(in: content) != nil
    }
}

/// How a store looks up a certificate that it does not have; made once, never freed.
nonisolated(unsafe) private let lookupMethod: OpaquePointer? = {
    let method = unsafe X509_LOOKUP_meth_new("certificates of a file, by subject")
    unsafe X509_LOOKUP_meth_set_get_by_subject(method, findBySubject)
    return unsafe method
}()

private func findBySubject(
    _ lookup: OpaquePointer?, _ type: X509_LOOKUP_TYPE, _ subject: OpaquePointer?,
    _ found: OpaquePointer?
) -> Int32 {
    guard type == X509_LU_X509, let lookup = unsafe lookup, let subject = unsafe subject,
        let data = unsafe X509_LOOKUP_get_method_data(lookup),
        let store = unsafe X509_LOOKUP_get_store(lookup)
    else { return 0 }
    let file = unsafe Unmanaged<TrustFile>.fromOpaque(data).takeUnretainedValue()
    return unsafe file.find(subject, for: store, found) ? 1 : 0
}
