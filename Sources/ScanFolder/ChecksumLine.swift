internal import Records
internal import TLS

/// The last member of the manifest and of the checkpoint: `sha256`, on a line of its own, the
/// SHA-256 of all octets before that line.
///
/// `head -n -2 manifest.json | sha256sum` gives the same.
public enum ChecksumLine {
    /// What the line of a text says.
    enum Finding: Equatable {
        /// There is no such line: the text is of an earlier version of the program.
        case absent
        case matches
        /// What the line says, and what it should say.
        case differs(said: String, is: String)
    }

    /// The key.
    public static let key = "sha256"
    private static let beginning = Array("  \"\(key)\": \"".utf8)
    private static let ending = Array("\"\n}\n".utf8)
    private static let digits = 64

    /// The text of an object with the member added as the last.
    public static func appended(to object: String) -> [UInt8] {
        var octets = Array(object.utf8)
        while let last = octets.last, last == UInt8(ascii: "\n") { octets.removeLast() }
        precondition(octets.popLast() == UInt8(ascii: "}"), "an object ends with a brace")
        while let last = octets.last, last == UInt8(ascii: "\n") { octets.removeLast() }
        octets += Array(",\n".utf8)
        let digest = unsafe octets.withUnsafeBytes { unsafe SHA256Digest.of($0) }
        return octets + beginning + Array(digest.utf8) + ending
    }

    /// Compares the line with the octets before it.
    static func check(_ text: [UInt8]) -> Finding {
        let start = text.count - beginning.count - digits - ending.count
        guard start > 0, text[start...].starts(with: beginning), text.suffix(4) == ending[...]
        else { return .absent }
        let said = text[(start + beginning.count)...].prefix(digits)
        let digest = unsafe text.withUnsafeBytes {
            unsafe SHA256Digest.of(UnsafeRawBufferPointer(rebasing: $0[..<start]))
        }
        guard !said.elementsEqual(digest.utf8) else { return .matches }
        return .differs(said: String(decoding: said, as: UTF8.self), is: digest)
    }
}
