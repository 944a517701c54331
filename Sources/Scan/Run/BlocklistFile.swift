internal import Archive
internal import Blocklist
internal import DNS
internal import DomainList
internal import TLS

/// A blocklist as it was read.
struct BlocklistFile: Sendable {
    private static let bytesMax = 1 << 28

    /// The file's name as given.
    let name: String
    /// SHA-256 of the file, lower-case hex.
    let sha256: String
    /// When it was read, seconds since 1970.
    let readAt: Int64
    /// What it excludes.
    let list: Blocklist

    /// Reads the file; an error names the file, the line and the value.
    init(_ name: String) throws(ScanError) {
        let octets: [UInt8]
        do throws(ArchiveError) {
            octets = try readWhole(name, limit: Self.bytesMax)
        } catch {
            throw .missingInput("the blocklist: \(error)")
        }
        self.name = name
        sha256 = unsafe octets.withUnsafeBytes { unsafe SHA256Digest.of($0) }
        readAt = WallClock.seconds()
        do throws(BlocklistFault) {
            list = try Blocklist(reading: octets) { (text) throws(BlocklistFault) in
                do throws(InvalidName) {
                    return try NameReader.name(from: text)
                } catch {
                    throw BlocklistFault(error.message)
                }
            }
        } catch {
            throw .usage("the blocklist \(name), line \(error.line): \(error.reason)")
        }
    }
}
