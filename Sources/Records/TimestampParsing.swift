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

extension CivilDate {
    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// Days from 1970-01-01, for years from 0.
    var daysSince1970: Int64 {
        // Counts in years that begin on 1 March, so that the leap day is the last of its year.
        let marchYear = month > 2 ? year : year - 1
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let era = floorDivide(marchYear, 400)
        let yearOfEra = marchYear - era * 400
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
