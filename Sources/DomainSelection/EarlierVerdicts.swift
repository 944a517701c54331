public import Judgement
internal import RecordReading
internal import Records
public import ScanFolder
internal import Statistics

/// A verdict with its reason and first cause.
public struct VerdictSummary: Hashable, Sendable {
    /// What becomes of mail.
    public let verdict: Verdict
    /// The reason for it.
    public let reason: VerdictReason
    /// The first cause; nil where nothing fails.
    public let failure: FirstFailure?
}

extension VerdictSummary {
    /// That of a judgement.
    init(_ judgement: Judgement) {
        self.init(
            verdict: judgement.verdict, reason: judgement.reason, failure: judgement.firstFailure)
    }
}

/// The verdicts of an earlier scan, by a hash of the domain; some 30 octets each.
///
/// Among a hundred million names two have the same hash once in 3,700 lists.
public struct EarlierVerdicts: Sendable {
    private var codes: [UInt64: Code] = [:]

    /// A summary in four octets.
    private struct Code: Sendable {
        var verdict: UInt8
        var reason: UInt8
        /// The place among all failures, from 1; 0 for none.
        var failure: UInt16
    }

    private init(_ codes: [UInt64: Code]) { self.codes = codes }

    /// Reads the verdicts of a scan as its records have them.
    public init(folder path: String) throws(FolderError) {
        let folder = try ScanFolder(reading: path, partial: false)
        let reading = try folder.read(.domain, partial: false, into: { Reader() }) {
            $0.add($1)
        }
        self.init(reading.reading.merged { $0.merge($1) }.codes)
    }

    /// What the earlier scan said of a domain; nil where it did not have it.
    public subscript(domain: String) -> VerdictSummary? {
        codes[stableHash(domain)].map { code in
            VerdictSummary(
                verdict: Verdict.allCases[Int(code.verdict)],
                reason: VerdictReason.allCases[Int(code.reason)],
                failure: code.failure > 0 ? FirstFailure.allCases[Int(code.failure) - 1] : nil)
        }
    }

    /// What a thread has read.
    private struct Reader: Sendable {
        private(set) var codes: [UInt64: Code] = [:]
        private let verdicts = StringTable(Verdict.allCases.map(\.rawValue))
        private let reasons = StringTable(VerdictReason.allCases.map(\.rawValue))
        private let failures = StringTable(FirstFailure.allCases.map(\.text))

        mutating func add(_ record: StoredRecord) {
            var fields = record.object
            guard let domain = fields["domain"]?.string,
                let verdict = place(of: fields["verdict"], in: verdicts),
                let reason = place(of: fields["verdict_reason"], in: reasons)
            else { return }
            let failure = place(of: fields["first_failure"], in: failures)
            let code = Code(
                verdict: UInt8(verdict), reason: UInt8(reason),
                failure: UInt16(failure.map { $0 + 1 } ?? 0))
            let hash = stableHash(domain)
            if codes[hash] == nil { codes[hash] = code }
        }

        private func place(of value: JSONValue?, in table: StringTable) -> Int? {
            unsafe value?.utf8.flatMap { unsafe table[$0] }
        }

        mutating func merge(_ other: Reader) {
            codes.merge(other.codes) { first, _ in first }
        }
    }
}
