/// The data of one resource record, typed where the survey reads it.
public enum RecordData: Hashable, Sendable {
    case a(IPAddress)
    case aaaa(IPAddress)
    case ns(DomainName)
    case cname(DomainName)
    case ptr(DomainName)
    case mx(preference: UInt16, exchange: DomainName)
    /// The character-strings of one TXT RR, apart: RFC 8461 §3.1 has them joined without spaces.
    case txt([[UInt8]])
    case tlsa(TLSARecord)
}

/// The data of a TLSA record (RFC 6698 §2.1).
public struct TLSARecord: Hashable, Sendable {
    /// 0 PKIX-TA, 1 PKIX-EE, 2 DANE-TA, 3 DANE-EE.
    public var usage: UInt8
    /// 0 the whole certificate, 1 its SubjectPublicKeyInfo.
    public var selector: UInt8
    /// 0 the data itself, 1 its SHA-256, 2 its SHA-512.
    public var matchingType: UInt8
    /// The certificate association data.
    public var data: [UInt8]

    /// The record as zone files have it: three numbers, and the data in hexadecimal digits.
    public var presentation: String {
        let digits = Array("0123456789abcdef".utf8)
        let data = data.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        return "\(usage) \(selector) \(matchingType) \(String(decoding: data, as: UTF8.self))"
    }

    /// A TLSA record of these fields.
    public init(usage: UInt8, selector: UInt8, matchingType: UInt8, data: [UInt8]) {
        self.usage = usage
        self.selector = selector
        self.matchingType = matchingType
        self.data = data
    }
}

/// The TYPE numbers that this survey queries or follows (RFC 1035 §3.2.2, RFC 3596, RFC 6698).
public enum RecordType: UInt16, Sendable {
    case a = 1
    case ns = 2
    case cname = 5
    case soa = 6
    case ptr = 12
    case mx = 15
    case txt = 16
    case aaaa = 28
    case tlsa = 52
}
