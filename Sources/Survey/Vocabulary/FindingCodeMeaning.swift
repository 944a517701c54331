internal import Findings

extension FindingCode {
    /// The code's own words and its rule as one sentence.
    var sentence: String { message.prefix(1).uppercased() + message.dropFirst() + " (\(section))." }
}
