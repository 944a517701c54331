import ArgumentParser

extension Option where Value == Int {
    /// A whole number in a range, which help and errors name.
    init(wrappedValue: Int, in range: ClosedRange<Int>, help: String) {
        self.init(
            wrappedValue: wrappedValue, help: numberHelp(help, range, default: wrappedValue),
            transform: { try number($0, in: range) })
    }
}

extension Option where Value == Int? {
    /// A whole number in a range, which help and errors name, or none.
    init(in range: ClosedRange<Int>, help: String) {
        self.init(help: numberHelp(help, range), transform: { try number($0, in: range) })
    }
}

private func numberHelp(
    _ text: String, _ range: ClosedRange<Int>, default number: Int? = nil
) -> ArgumentHelp {
    let remark = number.map { "; default: \($0)" } ?? ""
    return ArgumentHelp(
        "\(text) (\(range.lowerBound) to \(range.upperBound)\(remark))", valueName: "n")
}

/// The number of a text; the parser adds the option and the text to an error.
private func number(_ text: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(text), range.contains(number) else {
        throw ValidationError("it takes \(range.lowerBound) to \(range.upperBound)")
    }
    return number
}
