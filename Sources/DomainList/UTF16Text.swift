/// Turns UTF-16, as spreadsheets and PowerShell write it, into UTF-8 (RFC 2781, RFC 3629).
///
/// A half of a surrogate pair that has no other half becomes U+FFFD, as does half a code unit.
struct UTF16Text {
    /// The order of the two bytes of a code unit.
    enum ByteOrder { case little, big }

    /// The length of a byte order mark.
    static let markBytes = 2
    /// How many first bytes show that a text is UTF-16.
    static let startBytes = 4

    /// Whether a mark of the order of the bytes begins the text.
    let hasMark: Bool

    private let order: ByteOrder
    /// What was turned, and how much of it was delivered.
    private var output: [UInt8] = []
    private var delivered = 0
    /// The first byte of a code unit whose second is still to come.
    private var half: UInt8?
    /// The first half of a surrogate pair.
    private var leading: UInt16?

    /// The text that begins with a byte order mark, or with two ASCII characters in UTF-16, which
    /// no other text does; nil for any other.
    init?(start bytes: some Collection<UInt8>) {
        if bytes.starts(with: [0xFF, 0xFE]) {
            (order, hasMark) = (.little, true)
        } else if bytes.starts(with: [0xFE, 0xFF]) {
            (order, hasMark) = (.big, true)
        } else {
            let first = Array(bytes.prefix(Self.startBytes))
            guard first.count == Self.startBytes else { return nil }
            switch first.map({ $0 == 0 ? 0 : $0 < 0x80 ? 1 : 2 }) {
            case [1, 0, 1, 0]: (order, hasMark) = (.little, false)
            case [0, 1, 0, 1]: (order, hasMark) = (.big, false)
            default: return nil
            }
        }
    }

    /// Whether a text is UTF-32, by its mark.
    static func isUTF32(_ bytes: some Collection<UInt8>) -> Bool {
        bytes.starts(with: [0xFF, 0xFE, 0, 0]) || bytes.starts(with: [0, 0, 0xFE, 0xFF])
    }

    /// Whether nothing is left to deliver.
    var isEmpty: Bool { delivered == output.count }

    /// Turns more bytes; none are the end.
    mutating func append(_ bytes: some Collection<UInt8>) {
        if isEmpty {
            output.removeAll(keepingCapacity: true)
            delivered = 0
        }
        if bytes.isEmpty, half != nil || leading != nil {
            append("\u{FFFD}")
            (half, leading) = (nil, nil)
        }
        for byte in bytes {
            guard let first = half else {
                half = byte
                continue
            }
            half = nil
            let (high, low) = order == .big ? (first, byte) : (byte, first)
            append(unit: UInt16(high) << 8 | UInt16(low))
        }
    }

    /// Delivers what was turned, as much as there is room for; returns how much.
    mutating func move(into room: UnsafeMutableRawBufferPointer) -> Int {
        let part = output[delivered...].prefix(room.count)
        unsafe room.copyBytes(from: part)
        delivered += part.count
        return part.count
    }

    private mutating func append(unit: UInt16) {
        if let first = leading {
            leading = nil
            // RFC 2781 §2.2
            if UTF16.isTrailSurrogate(unit) {
                let value = UInt32(first & 0x3FF) << 10 | UInt32(unit & 0x3FF)
                return append(Unicode.Scalar(0x1_0000 + value) ?? "\u{FFFD}")
            }
            append("\u{FFFD}")
        }
        if UTF16.isLeadSurrogate(unit) {
            leading = unit
        } else {
            append(Unicode.Scalar(unit) ?? "\u{FFFD}")
        }
    }

    private mutating func append(_ scalar: Unicode.Scalar) {
        if scalar.value < 0x80 {
            output.append(UInt8(scalar.value))
        } else if let bytes = UTF8.encode(scalar) {
            output.append(contentsOf: bytes)
        }
    }
}
