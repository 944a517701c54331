internal import Judgement
internal import Observations
internal import RecordReading
internal import Records

extension Workload {
    static var reading: [Workload] {
        let page = Page(.domain)
        let plain = StoredLine(page.text(of: Sight(withPolicy: false).record))
        let full = StoredLine(page.text(of: Sight(withPolicy: true).record))
        let seen = HostRecord(Sight(withPolicy: true).host, trustsAD: true)
        let host = StoredLine(Page(.host).text(of: seen))
        let verdicts = EnumTable<Verdict>()
        return [
            Workload("read-verdict") { plain.read { verdicts[$0["verdict"]] } },
            Workload("read-without-record") { plain.read(ObservedDomain.init(record:)) },
            Workload("read-with-policy") { full.read(ObservedDomain.init(record:)) },
            Workload("read-host") { host.read(HostObservation.init(record:)) },
        ]
    }
}

/// A record's line as a file holds it, parsed and read again and again.
private final class StoredLine {
    private let parser = JSONParser()
    private let octets: [UInt8]
    private let count: Int

    init(_ text: String) {
        count = text.utf8.count
        octets = Array(text.utf8) + Array(repeating: 0, count: JSONParser.padding)
    }

    func read<Result>(_ body: (JSONValue) throws -> Result) -> Result {
        octets.withUnsafeBytes {
            do {
                return try body(parser.parse(UnsafeRawBufferPointer(rebasing: $0[..<count])))
            } catch {
                fatalError("a record that was just written cannot be read: \(error)")
            }
        }
    }
}
