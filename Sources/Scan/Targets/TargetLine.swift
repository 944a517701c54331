internal import DNS
internal import MTASTS
internal import Observations
internal import Probe
internal import RecordReading
internal import Records
internal import ScanFolder

extension TargetKind {
    /// How many records of the kind there are among those counted.
    func count(in totals: ScanTotals) -> Int {
        switch self {
        case .hosts: totals.hostCount
        case .policies: totals.fetchCount
        }
    }
}

/// A target and its number: those of all inputs are numbered in their order, from 0.
struct NumberedTarget: Sendable {
    let number: Int
    let target: Target
}

/// What one line of the input names.
enum Target: Sendable {
    /// A host of which nothing is known.
    case host(DomainName)
    /// A host of which DNS has been asked before.
    case known(HostObservation)
    case policy(PolicyHost)
}

extension Target {
    /// Reads a line: a name, or a record; the error says what is wrong with it.
    init(line: [UInt8], of kind: TargetKind) throws(TargetFault) {
        if line.first == UInt8(ascii: "{") {
            try self.init(record: line, of: kind)
        } else {
            try self.init(name: line, of: kind)
        }
    }

    private init(name octets: [UInt8], of kind: TargetKind) throws(TargetFault) {
        try self.init(try Self.name(String(decoding: octets, as: UTF8.self)), of: kind)
    }

    private init(_ name: DomainName, of kind: TargetKind) throws(TargetFault) {
        switch kind {
        case .hosts: self = .host(name)
        case .policies:
            guard let host = PolicyHost(named: name) else {
                throw TargetFault(
                    "'\(name)' is no policy host: its first label is not mta-sts (RFC 8461 §3.3)")
            }
            self = .policy(host)
        }
    }

    private init(record: [UInt8], of kind: TargetKind) throws(TargetFault) {
        let target: Result<Target, TargetFault>
        do {
            target = try JSONParser().withValue(of: record) { value in
                Result { () throws(TargetFault) in try Target(value, of: kind) }
            }
        } catch {
            throw TargetFault("is not JSON: \(error)")
        }
        self = try target.get()
    }

    private init(_ record: JSONValue, of kind: TargetKind) throws(TargetFault) {
        guard let text = record["host"]?.string else {
            throw TargetFault("the object has no text under the key 'host'")
        }
        if kind == .hosts, record["sessions"] != nil {
            let seen: HostObservation
            do throws(ObservationError) {
                seen = try HostObservation(record: record)
            } catch {
                throw TargetFault("\(error)")
            }
            self = seen.isOfDNSAlone ? .known(seen) : .host(seen.name)
            return
        }
        try self.init(try Self.name(text), of: kind)
    }

    private static func name(_ text: String) throws(TargetFault) -> DomainName {
        do throws(DomainNameError) {
            return try DomainName(text)
        } catch {
            throw TargetFault("'\(text)' is no domain name (\(error.rawValue))")
        }
    }
}

/// What is wrong with a line of the input.
struct TargetFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
