/// The time in which a certificate is valid: its first and its last second count (RFC 5280
/// §4.1.2.5).
///
/// Lifetimes are short and differ: 6 to 200 days in 2026. So the days that are left say little
/// without the lifetime that they are left of.
public struct ValidityPeriod: Hashable, Sendable {
    /// The first second, since 1970.
    public var notBefore: Int64
    /// The last second, since 1970.
    public var notAfter: Int64

    /// A period from its first to its last second.
    public init(from notBefore: Int64, through notAfter: Int64) {
        self.notBefore = notBefore
        self.notAfter = notAfter
    }

    /// Whole days of validity in all; negative where the last second is before the first.
    public var lifetimeDays: Int { Int((notAfter - notBefore + 1) / 86400) }

    /// Whole days from `time` to the end of validity; negative once it is over.
    public func daysLeft(at time: Int64) -> Int {
        let (days, rest) = (notAfter - time).quotientAndRemainder(dividingBy: 86400)
        return Int(rest < 0 ? days - 1 : days)
    }

    /// How much of the lifetime is left at `time`, in whole percent; nil while it is not valid.
    public func percentLeft(at time: Int64) -> Int? {
        guard notBefore <= time, time <= notAfter else { return nil }
        return Int((notAfter - time + 1) * 100 / (notAfter - notBefore + 1))
    }
}

extension CertificateObservation {
    /// The time in which it is valid.
    public var validity: ValidityPeriod { ValidityPeriod(from: notBefore, through: notAfter) }
}
