internal import COpenSSL
import Synchronization

/// A PEM file of nothing but certificates, each handed to OpenSSL when a chain asks for its
/// subject.
///
/// OpenSSL would take half of a short scan's time to parse the system's hundred and forty, of which
/// a scan meets a few.
final class TrustFile: Sendable {
    /// SHA-256 of each certificate, once each.
    let digests: Set<String>
    private let certificates: [[UInt8]]
    private let index = Mutex<SubjectIndex?>(nil)
    private let unreadable = Mutex<Set<Int>>([])

    /// Which certificates of the file, counted from 1, were asked for and could not be read.
    var unreadableNumbers: [Int] { unreadable.withLock { $0.sorted() } }

    /// What `path` holds; nil where OpenSSL is to read it itself, and to tell what is wrong with
    /// it.
    init?(_ path: String) {
        guard let file = BIO_new_file(path, "r") else {
            ERR_clear_error()
            return nil
        }
        defer { BIO_free(file) }
        var certificates: [[UInt8]] = []
        while let block = PEMBlock(next: file) {
            guard block.isCertificate else { return nil }
            certificates.append(block.content)
        }
        let isAtEnd = OpenSSLError.take().isNoStartLine
        guard isAtEnd, !certificates.isEmpty else { return nil }
        self.certificates = certificates
        digests = Set(certificates.map { $0.withUnsafeBytes(SHA256Digest.of) })
    }

    /// Has `store` ask for what it lacks; the file must outlive it.
    func attach(to store: OpaquePointer) {
        guard let lookup = X509_STORE_add_lookup(store, lookupMethod) else {
            preconditionFailure("out of memory")
        }
        X509_LOOKUP_set_method_data(lookup, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Adds all certificates of a subject to `store`, and gives the first to `found`.
    fileprivate func find(
        _ subject: OpaquePointer, for store: OpaquePointer, _ found: OpaquePointer?
    ) -> Bool {
        let places = index.withLock { index in
            let known = index ?? SubjectIndex(certificates)
            index = known
            return known.places(of: subject)
        }
        var isFound = false
        for place in places {
            guard let certificate = parsed(certificates[place]) else {
                ERR_clear_error()
                unreadable.withLock { _ = $0.insert(place + 1) }
                continue
            }
            defer { X509_free(certificate) }
            X509_STORE_add_cert(store, certificate)
            // OpenSSL counts a reference of its own, so that this one is never given back.
            if !isFound { isFound = X509_OBJECT_set1_X509(found, certificate) == 1 }
        }
        return isFound
    }

    private func parsed(_ certificate: [UInt8]) -> OpaquePointer? {
        certificate.withUnsafeBufferPointer {
            var next = $0.baseAddress
            return d2i_X509(nil, &next, $0.count)
        }
    }
}

/// Finds certificates by subjects as OpenSSL compares them, whatever their encoding.
///
/// `@unchecked Sendable`: the names are not changed, and never freed.
private struct SubjectIndex: @unchecked Sendable {
    private var entries: [(subject: OpaquePointer, place: Int)] = []

    init(_ certificates: [[UInt8]]) {
        for (place, certificate) in certificates.enumerated() {
            guard let range = CertificateDER.subject(in: certificate) else { continue }
            let subject = certificate[range].withUnsafeBufferPointer {
                var next = $0.baseAddress
                return d2i_X509_NAME(nil, &next, $0.count)
            }
            if let subject { entries.append((subject, place)) }
        }
        entries.sort {
            let order = X509_NAME_cmp($0.subject, $1.subject)
            return order == 0 ? $0.place < $1.place : order < 0
        }
    }

    /// The places of the certificates of a subject, in the order of the file.
    func places(of subject: OpaquePointer) -> [Int] {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if X509_NAME_cmp(entries[middle].subject, subject) < 0 {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return entries[low...].prefix { X509_NAME_cmp($0.subject, subject) == 0 }.map(\.place)
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
        guard PEM_read_bio(file, &name, &header, &data, &count) == 1, let name, let header else {
            return nil
        }
        defer { for pointer in [name, header] { CRYPTO_free(pointer, "", 0) } }
        defer { CRYPTO_free(data, "", 0) }
        self.name = String(cString: name)
        self.header = String(cString: header)
        content = Array(UnsafeBufferPointer(start: data, count: count))
    }

    /// Whether it is a certificate without trust settings of its own.
    var isCertificate: Bool {
        name == "CERTIFICATE" && header.isEmpty && CertificateDER.subject(in: content) != nil
    }
}

/// How a store asks for a certificate that it does not hold; made once, never freed.
nonisolated(unsafe) private let lookupMethod: OpaquePointer? = {
    let method = X509_LOOKUP_meth_new("certificates of a file, by subject")
    X509_LOOKUP_meth_set_get_by_subject(method, findBySubject)
    return method
}()

private func findBySubject(
    _ lookup: OpaquePointer?, _ type: X509_LOOKUP_TYPE, _ subject: OpaquePointer?,
    _ found: OpaquePointer?
) -> Int32 {
    guard type == X509_LU_X509, let lookup, let subject,
        let data = X509_LOOKUP_get_method_data(lookup), let store = X509_LOOKUP_get_store(lookup)
    else { return 0 }
    let file = Unmanaged<TrustFile>.fromOpaque(data).takeUnretainedValue()
    return file.find(subject, for: store, found) ? 1 : 0
}
