/// The structure of a certificate's DER (RFC 5280 §4.1), as far as it shows whether OpenSSL will
/// read it, and where its subject is.
enum CertificateDER {
    private static let sequence: UInt8 = 0x30
    private static let integer: UInt8 = 0x02
    private static let bitString: UInt8 = 0x03
    private static let objectIdentifier: UInt8 = 0x06
    /// UTCTime and GeneralizedTime.
    private static let times: ClosedRange<UInt8> = 0x17...0x18
    /// `[0]` EXPLICIT.
    private static let version: UInt8 = 0xA0

    /// The range of the subject, its tag included; nil where the structure is another.
    static func subject(in certificate: [UInt8]) -> Range<Int>? {
        var whole = DERReader(certificate, 0..<certificate.count)
        guard let body = whole.next(sequence), whole.isAtEnd else { return nil }
        var parts = DERReader(certificate, body.content)
        guard let fields = parts.next(sequence), isAlgorithm(parts.next(sequence), certificate),
            parts.next(bitString) != nil, parts.isAtEnd
        else { return nil }
        return subject(amid: DERReader(certificate, fields.content), of: certificate)
    }

    private static func subject(
        amid fields: consuming DERReader, of certificate: [UInt8]
    ) -> Range<Int>? {
        if fields.tag == version { _ = fields.next(version) }
        guard fields.next(integer) != nil, isAlgorithm(fields.next(sequence), certificate),
            fields.next(sequence) != nil, let validity = fields.next(sequence),
            isValidity(validity, certificate), let subject = fields.next(sequence),
            let key = fields.next(sequence), isKey(key, certificate)
        else { return nil }
        return subject.whole
    }

    private static func isAlgorithm(_ element: DERElement?, _ certificate: [UInt8]) -> Bool {
        guard let element else { return false }
        var parts = DERReader(certificate, element.content)
        return parts.next(objectIdentifier) != nil
    }

    private static func isValidity(_ element: DERElement, _ certificate: [UInt8]) -> Bool {
        var parts = DERReader(certificate, element.content)
        for _ in 0..<2 {
            guard let tag = parts.tag, times.contains(tag), parts.next(tag) != nil else {
                return false
            }
        }
        return parts.isAtEnd
    }

    private static func isKey(_ element: DERElement, _ certificate: [UInt8]) -> Bool {
        var parts = DERReader(certificate, element.content)
        return isAlgorithm(parts.next(sequence), certificate) && parts.next(bitString) != nil
            && parts.isAtEnd
    }
}

/// An element: its range with tag and length, and that of its content.
private struct DERElement {
    let whole: Range<Int>
    let content: Range<Int>
}

/// Goes through the elements of a range of DER (X.690 §8.1 and §10.1).
private struct DERReader {
    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    var isAtEnd: Bool { position == end }

    /// The tag of the next element.
    var tag: UInt8? { isAtEnd ? nil : bytes[position] }

    /// The next element, where it has this tag.
    mutating func next(_ tag: UInt8) -> DERElement? {
        guard self.tag == tag, position + 1 < end else { return nil }
        var start = position + 2
        var length = Int(bytes[position + 1])
        if length >= 0x80 {
            let count = length & 0x7F
            guard (1...3).contains(count), start + count <= end else { return nil }
            length = bytes[start..<start + count].reduce(0) { $0 << 8 | Int($1) }
            // DER has the shortest form of a length.
            guard length >= 0x80, length >> (8 * (count - 1)) > 0 else { return nil }
            start += count
        }
        guard start + length <= end else { return nil }
        defer { position = start + length }
        return DERElement(whole: position..<start + length, content: start..<start + length)
    }
}
