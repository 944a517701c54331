/// A part of a whole.
public struct Share: Hashable, Sendable {
    /// The part.
    public let part: Int
    /// The whole, which is above 0.
    public let whole: Int

    /// The share of a part; nil where there is no whole.
    public init?(_ part: Int, of whole: Int) {
        guard whole > 0 else { return nil }
        self.part = part
        self.whole = whole
    }

    /// The share from 0 to 1.
    public var value: Double { Double(part) / Double(whole) }

    /// Wilson's score interval at 95 %; nil where the part is no part of the whole.
    ///
    /// It holds for small samples, and for shares near 0 and 1 (E. B. Wilson, Journal of the
    /// American Statistical Association 22, 1927).
    public var interval: Interval? {
        guard (0...whole).contains(part) else { return nil }
        let (count, share, square) = (Double(whole), value, Self.deviations * Self.deviations)
        let scale = 1 + square / count
        let centre = (share + square / (2 * count)) / scale
        let variance = share * (1 - share) / count + square / (4 * count * count)
        let half = Self.deviations * variance.squareRoot() / scale
        return Interval(
            low: part == 0 ? 0 : max(0, centre - half),
            high: part == whole ? 1 : min(1, centre + half))
    }

    /// The standard deviations on either side of the mean that hold 95 % of a normal distribution.
    private static let deviations = 1.959963984540054

    /// Where the share of a population is likely to be.
    public struct Interval: Hashable, Sendable {
        /// The lower end, from 0 to 1.
        public let low: Double
        /// The upper end.
        public let high: Double

        /// The ends in percent, such as `23.6–29.2%`.
        public var text: String { "\(Self.percent(low))–\(Self.percent(high))%" }

        private static func percent(_ share: Double) -> String {
            let decimals = share < 0.01 && share > 0 ? 2 : 1
            let scale = decimals == 2 ? 100 : 10
            let value = Int((share * 100 * Double(scale)).rounded())
            let rest = String(value % scale)
            return "\(value / scale)."
                + String(repeating: "0", count: decimals - rest.count) + rest
        }
    }
}
