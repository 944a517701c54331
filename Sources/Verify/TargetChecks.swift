internal import RecordReading
internal import Records
internal import ScanFolder

/// What a thread finds in policy records.
struct PolicyRecordCheck: Sendable {
    private let shape: RecordShape
    private let version: Int

    private(set) var recount = RecountedTotals.policies()
    private(set) var findings: Findings

    /// For records of a version of the schema.
    init(limit: Int, version: Int) {
        findings = Findings(limit: limit)
        shape = RecordShape(Schema.policy.descriptions, version: version)
        self.version = version
    }

    mutating func add(_ record: StoredRecord) {
        if let violation = record.violation(of: shape, version) {
            findings.add(.schema, record.place, violation.message)
        }
        recount.add(record.object)
    }

    mutating func merge(_ other: PolicyRecordCheck) {
        recount.merge(other.recount)
        findings.merge(other.findings)
    }
}

/// Folders of `probe` and `fetch`: one record for each line that names a target.
extension Verification {
    mutating func checkTargets(
        _ targets: TargetKind, in folder: ScanFolder, _ expected: Expectation
    ) -> VerificationReport {
        switch targets {
        case .hosts:
            let hosts = readHosts(folder, countsLines: true)
            _ = hostNames(hosts)
            checkIndexes(hosts, expected)
            checkTotals(
                isWhole: hosts.isWhole,
                [
                    "records": ["hosts": hosts.records],
                    "host_status": hosts.merged { $0.merge($1) }.recount.table["status"] ?? [:],
                ], expected)
            return report(folder, [.host: ReadingSize(hosts)])
        case .policies:
            let policies = readPolicies(folder)
            checkCount(policies.records, expected)
            var counted = policies.merged { $0.merge($1) }.recount.table
            counted["records"] = ["policies": policies.records]
            checkTotals(isWhole: policies.isWhole, counted, expected)
            return report(folder, [.policy: ReadingSize(policies)])
        }
    }

    private mutating func readPolicies(_ folder: ScanFolder) -> Reading<PolicyRecordCheck> {
        let (limit, version) = (problemLimit, folder.schemaVersion)
        let result = folder.read(
            .policy, threads: threads, checksVersion: false,
            into: { PolicyRecordCheck(limit: limit, version: version) }
        ) { $0.add($1) }
        add(result)
        for state in result.reading.states { problems.add(state.findings, in: result.reading) }
        return result.reading
    }
}
