/// How a list is compressed, detected by its first bytes.
enum Compression: Equatable {
    case none, gzip, zstd, xz
    case unsupported(String)

    /// No magic is longer.
    static let magicBytesMax = 6

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
            } else if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) {
                .unsupported("a ZIP archive: unpack it first")
            } else if bytes.starts(with: [0x42, 0x5A, 0x68]) {
                .unsupported("compressed by bzip2: decompress it first")
            } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
                .unsupported("UTF-16: convert it to UTF-8 first")
            } else {
                .none
            }
    }

    /// A fresh decoder; nil where the bytes are the list itself.
    func makeDecoder() -> (any Decoder)? {
        switch self {
        case .none, .unsupported: nil
        case .gzip: GzipDecoder()
        case .zstd: ZstdDecoder()
        case .xz: XzDecoder()
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
