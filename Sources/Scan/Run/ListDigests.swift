internal import TLS

/// The digests of lists as they are read, held against what a scan that goes on has read before.
final class ListDigests {
    private let names: [String]
    private var digests: [String: SHA256Digest] = [:]
    private var bytes: [String: Int] = [:]
    /// What is still to be met: the list must have this digest at this byte.
    private var expected: [String: ListIdentity]
    private var mismatch: String?

    init(_ names: [String], expecting identities: [ListIdentity]) {
        self.names = names
        expected = Dictionary(
            identities.filter { $0.bytes > 0 }.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
    }

    /// Whether there is something that must be read before any entry may be used.
    var isPending: Bool { mismatch == nil && !expected.isEmpty }

    /// Why these are not the lists that were read before; at the end, what is missing counts too.
    func refusal(isAtEnd: Bool) -> String? {
        if let mismatch { return mismatch }
        guard isAtEnd, let missing = expected.values.first else { return nil }
        return "the list \(missing.name) has become shorter: it ends after "
            + "\(bytes[missing.name] ?? 0) bytes, \(missing.bytes) were read before"
    }

    /// Adds bytes of the list `name`.
    func update(_ name: String, _ chunk: UnsafeRawBufferPointer) {
        let before = bytes[name] ?? 0
        if let wanted = expected[name], before + chunk.count >= wanted.bytes {
            let part = wanted.bytes - before
            add(name, UnsafeRawBufferPointer(rebasing: chunk[..<part]))
            compare(name, wanted)
            add(name, UnsafeRawBufferPointer(rebasing: chunk[part...]))
        } else {
            add(name, chunk)
        }
    }

    private func add(_ name: String, _ chunk: UnsafeRawBufferPointer) {
        let digest = digests[name] ?? SHA256Digest()
        digests[name] = digest
        digest.update(chunk)
        bytes[name, default: 0] += chunk.count
    }

    private func compare(_ name: String, _ wanted: ListIdentity) {
        expected[name] = nil
        let digest = digests[name]?.current() ?? ""
        guard digest != wanted.sha256 else { return }
        mismatch =
            "the list \(name) has changed: the SHA-256 of its first \(wanted.bytes) bytes was "
            + "\(wanted.sha256) and is \(digest)"
    }

    /// Each list as far as it was read.
    var identities: [ListIdentity] {
        names.map { name in
            let digest = digests[name] ?? SHA256Digest()
            return ListIdentity(name: name, bytes: bytes[name] ?? 0, sha256: digest.current())
        }
    }
}
