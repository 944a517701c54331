internal import ScanFolder
internal import TLS

/// The digests of lists as they are read, compared with what a resumed scan has read before.
///
/// A list is identified by its index among the lists: a path may be given twice, and a list may
/// have another path when its scan is resumed.
final class ListDigests {
    private let names: [String]
    private var digests: [Int: SHA256Digest] = [:]
    private var bytes: [Int: Int] = [:]
    /// What is still to be checked: the list must have this digest at this byte.
    private var expected: [Int: FileIdentity] = [:]
    private var mismatch: String?

    init(_ names: [String], expecting identities: [FileIdentity]) {
        self.names = names
        for (place, identity) in identities.enumerated() where identity.bytes > 0 {
            expected[place] = identity
        }
    }

    /// Whether there is something that must be read before any entry may be used.
    var isPending: Bool { mismatch == nil && !expected.isEmpty }

    /// Why these are not the lists that were read before; at the end, what is missing counts too.
    func refusal(isAtEnd: Bool) -> String? {
        if let mismatch { return mismatch }
        guard isAtEnd, let (place, missing) = expected.min(by: { $0.key < $1.key }) else {
            return nil
        }
        return "the list \(missing.name) has become shorter: it ends after "
            + "\(bytes[place] ?? 0) bytes, \(missing.bytes) were read before"
    }

    /// Adds bytes of the list at an index.
    func update(_ list: Int, _ chunk: UnsafeRawBufferPointer) {
        let before = bytes[list] ?? 0
        if let wanted = expected[list], before + chunk.count >= wanted.bytes {
            let part = wanted.bytes - before
            unsafe add(list, UnsafeRawBufferPointer(rebasing: chunk[..<part]))
            compare(list, wanted)
            unsafe add(list, UnsafeRawBufferPointer(rebasing: chunk[part...]))
        } else {
            unsafe add(list, chunk)
        }
    }

    private func add(_ list: Int, _ chunk: UnsafeRawBufferPointer) {
        let digest = digests[list] ?? SHA256Digest()
        digests[list] = digest
        unsafe digest.update(chunk)
        bytes[list, default: 0] += chunk.count
    }

    private func compare(_ list: Int, _ wanted: FileIdentity) {
        expected[list] = nil
        let digest = digests[list]?.current() ?? ""
        guard digest != wanted.sha256 else { return }
        mismatch =
            "the list \(wanted.name) has changed: the SHA-256 of its first \(wanted.bytes) "
            + "bytes was \(wanted.sha256) and is \(digest)"
    }

    /// Each list as far as it was read.
    var identities: [FileIdentity] {
        names.enumerated().map { place, name in
            let digest = digests[place] ?? SHA256Digest()
            return FileIdentity(name: name, bytes: bytes[place] ?? 0, sha256: digest.current())
        }
    }
}
