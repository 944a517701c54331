/// Metrics in the text format that Prometheus reads (version 0.0.4).
public struct Exposition {
    /// One value of a metric.
    public struct Sample {
        let labels: [(name: String, value: String)]
        let value: Int

        /// A value under labels.
        public init(_ value: Int, _ labels: (name: String, value: String)...) {
            self.init(value, labels: labels)
        }

        /// A value under any number of labels.
        public init(_ value: Int, labels: [(name: String, value: String)]) {
            self.labels = labels
            self.value = value
        }
    }

    /// The lines so far.
    public private(set) var text = ""
    private let prefix: String

    /// An empty page; the name of each metric begins with `prefix`.
    public init(prefix: String) { self.prefix = prefix }

    /// A metric that only rises; its name ends in `_total`.
    public mutating func counter(_ name: String, _ help: String, _ samples: [Sample]) {
        head(name, help, "counter")
        for sample in samples { line(name, sample.labels, "\(sample.value)") }
    }

    /// A metric that rises and falls.
    public mutating func gauge(_ name: String, _ help: String, _ samples: [Sample]) {
        head(name, help, "gauge")
        for sample in samples { line(name, sample.labels, "\(sample.value)") }
    }

    /// A metric in thousandths that only rises, written as a decimal.
    public mutating func counter(_ name: String, _ help: String, thousandths: Int) {
        head(name, help, "counter")
        line(name, [], decimal(UInt64(max(0, thousandths)) * 1000))
    }

    /// Durations in seconds, one histogram for each value of `label`.
    public mutating func histograms(
        _ name: String, _ help: String, by label: String, _ values: [(String, Histogram)]
    ) {
        head(name, help, "histogram")
        for (word, histogram) in values {
            var count = 0
            for (bucket, bound) in Histogram.bounds.enumerated() {
                count += histogram.counts[bucket]
                line("\(name)_bucket", [(label, word), ("le", decimal(bound))], "\(count)")
            }
            line("\(name)_bucket", [(label, word), ("le", "+Inf")], "\(histogram.count)")
            line("\(name)_sum", [(label, word)], decimal(histogram.sum))
            line("\(name)_count", [(label, word)], "\(histogram.count)")
        }
    }

    private mutating func head(_ name: String, _ help: String, _ type: String) {
        text += "# HELP \(prefix)\(name) \(help)\n# TYPE \(prefix)\(name) \(type)\n"
    }

    private mutating func line(
        _ name: String, _ labels: [(name: String, value: String)], _ value: String
    ) {
        let list = labels.map { "\($0.name)=\"\(escaped($0.value))\"" }.joined(separator: ",")
        text += "\(prefix)\(name)\(labels.isEmpty ? "" : "{\(list)}") \(value)\n"
    }
}

/// A label's value: backslash, quotation mark and line feed are escaped.
private func escaped(_ value: String) -> String {
    var text = ""
    for character in value {
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.append(character)
        }
    }
    return text
}

/// Microseconds as seconds, without zeros at the end.
private func decimal(_ microseconds: UInt64) -> String {
    let (whole, part) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    guard part > 0 else { return "\(whole)" }
    var digits = String(part + 1_000_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
}
