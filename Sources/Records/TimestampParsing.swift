internal import Observations

extension Timestamp {
    /// Reads the one form that records have, such as `2026-11-23T20:00:00Z`; nil for any other.
    public init?(_ text: some Sequence<UInt8>) {
        let octets = Array(text)
        guard octets.count == 20 else { return nil }
        var numbers: [Int64] = [0]
        for (octet, form) in zip(octets, "0000-00-00T00:00:00Z".utf8) {
            guard form == UInt8(ascii: "0") else {
                guard octet == form else { return nil }
                numbers.append(0)
                continue
            }
            guard octet >= 0x30, octet <= 0x39 else { return nil }
            numbers[numbers.count - 1] = numbers[numbers.count - 1] * 10 + Int64(octet - 0x30)
        }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        guard (1...12).contains(month), (1...31).contains(day), numbers[3] < 24,
            numbers[4] < 60, numbers[5] < 61
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSince1970
        self.init(epochSeconds: days * 86400 + numbers[3] * 3600 + numbers[4] * 60 + numbers[5])
    }
}
