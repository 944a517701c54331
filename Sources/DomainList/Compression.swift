/// How a list is compressed, detected by its first bytes.
enum Compression: Equatable {
    case none, gzip, zstd, xz, lzma, bzip2
    case unsupported(String)

    /// Whether more bytes are needed to tell the compression: a pipe may bring few at a time.
    static func needsMore(_ bytes: some Collection<UInt8>) -> Bool {
        if bytes.count < 6 { return true }
        if bytes.count < 10, bytes.starts(with: [0x42, 0x5A, 0x68]) { return true }
        return bytes.count < lzmaHeadBytes && hasDictionary(Array(bytes.prefix(5)))
    }

    /// The length of the head of a .lzma file.
    private static let lzmaHeadBytes = 13

    /// The compression that a file's first bytes announce.
    init(magic bytes: some Collection<UInt8>) {
        self =
            if bytes.starts(with: [0x1F, 0x8B]) {
                .gzip  // RFC 1952 §2.3.1
            } else if bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) {
                .zstd  // RFC 8878 §3.1.1
            } else if bytes.count >= 4, bytes.dropFirst().starts(with: [0x2A, 0x4D, 0x18]),
                bytes.starts(with: [0x50], by: { $0 & 0xF0 == $1 })
            {
                .zstd  // RFC 8878 §3.1.2: a skippable frame comes first
            } else if bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]) {
                .xz
            } else if let archive = Self.archives.first(where: { bytes.starts(with: $0.magic) }) {
                .unsupported(archive.what)
            } else if Self.isBzip2(bytes) {
                .bzip2
            } else if Self.isLzma(bytes) {
                .lzma
            } else {
                .none
            }
    }

    /// What else files begin with that hold no text, and what to do with them.
    private static let archives: [(magic: [UInt8], what: String)] = [
        (
            [0x50, 0x4B, 0x03, 0x04],
            "a ZIP archive: unpack it first; or a spreadsheet: save it as CSV"
        ),
        ([0xD0, 0xCF, 0x11, 0xE0], "a document of Microsoft Office: save it as CSV"),
        (Array("PAR1".utf8), "a Parquet file: write its column of domains as CSV or text"),
        (Array("SQLite format 3".utf8), "an SQLite database: write its domains as CSV or text"),
        ([0x04, 0x22, 0x4D, 0x18], "compressed by lz4: unpack it first (lz4 -dc)"),
        ([0x1F, 0x9D], "compressed by compress: unpack it first (zcat)"),
        (Array("LZIP".utf8), "compressed by lzip: unpack it first (lzip -dc)"),
        ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive: unpack it first"),
        (Array("Rar!".utf8) + [0x1A, 0x07], "a RAR archive: unpack it first"),
    ]

    /// What a decompressed list is where it is no text yet, or an archive of several; nil of any
    /// other.
    static func inner(_ bytes: some Collection<UInt8>, isCompressed: Bool) -> String? {
        if bytes.dropFirst(257).starts(with: Array("ustar".utf8)) {
            return "a tar archive: unpack it first (tar -xOf FILE prints what is in it)"
        }
        guard isCompressed else { return nil }
        let compression = Self(magic: bytes)
        if case .unsupported(let what) = compression { return what }
        return compression == .none ? nil : "compressed twice: unpack it once first"
    }

    /// Whether a bzip2 stream begins: its mark, the size of its blocks, and a block or its end.
    private static func isBzip2(_ bytes: some Collection<UInt8>) -> Bool {
        guard bytes.count >= 10, bytes.starts(with: [0x42, 0x5A, 0x68]) else { return false }
        let rest = bytes.dropFirst(4)
        return bytes.dropFirst(3).first.map { (0x31...0x39).contains($0) } == true
            && (rest.starts(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59])
                || rest.starts(with: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90]))
    }

    /// Whether a .lzma file begins, which has no mark: properties and the size of its dictionary,
    /// and the size of its content, below 256 GiB or unknown (as lzma(1) decides).
    private static func isLzma(_ bytes: some Collection<UInt8>) -> Bool {
        let head = Array(bytes.prefix(lzmaHeadBytes))
        guard head.count == lzmaHeadBytes, hasDictionary(head) else { return false }
        let size = head[5...].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return size == .max || size < 1 << 38
    }

    /// Whether properties come first and then the size of a dictionary, which is 2ⁿ or 2ⁿ + 2ⁿ⁻¹.
    private static func hasDictionary(_ head: [UInt8]) -> Bool {
        guard head.count >= 5, head[0] < 9 * 5 * 5 else { return false }
        let dictionary = head[1...4].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        let lowest = dictionary & (~dictionary &+ 1)
        let rest = dictionary & ~lowest
        let isRegular = dictionary >= 4096 && (rest == 0 || rest == lowest << 1)
        return isRegular || dictionary == .max
    }

    /// Its name; nil where the bytes are the list itself.
    var name: String? {
        switch self {
        case .none, .unsupported: nil
        case .gzip: "gzip"
        case .zstd: "zstd"
        case .xz: "xz"
        case .lzma: "lzma"
        case .bzip2: "bzip2"
        }
    }

    /// A fresh decoder; nil where the bytes are the list itself.
    func makeDecoder() -> (any Decoder)? {
        switch self {
        case .none, .unsupported: nil
        case .gzip: GzipDecoder()
        case .zstd: ZstdDecoder()
        case .xz: XzDecoder(.xz)
        case .lzma: XzDecoder(.lzma)
        case .bzip2: Bzip2Decoder()
        }
    }
}

/// A decompressor: stored bytes in, bytes of the list out, without I/O.
protocol Decoder: AnyObject {
    /// Whether the input may end here: after a whole member, frame or stream.
    var isComplete: Bool { get }

    /// Reads what it can of `input` and writes what it can to `output`.
    ///
    /// `isLast` says that nothing follows `input`. A step that does nothing needs more input.
    /// Output before a failure is valid.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> DecodingStep
}

/// What one call of a decoder did.
struct DecodingStep {
    var consumed = 0
    var produced = 0
    var failure: String?
}
