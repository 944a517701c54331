internal import Archive
internal import RecordReading

/// The folder of a scan, to be read more than once.
struct ScanFolder {
    let path: String
    let manifest: StoredManifest
    private let files: RecordFiles

    init(_ path: String) throws(ComparisonError) {
        self.path = path
        do throws(ManifestError) {
            manifest = try StoredManifest(directory: path)
        } catch {
            throw error.isMissing
                ? .noScan("\(path) holds no scan: there is no manifest.json")
                : .unreadable("\(error)")
        }
        do throws(ArchiveError) {
            files = try RecordFiles(directory: path, kind: .domain)
        } catch {
            throw .unreadable("\(error)")
        }
    }

    /// Hands all domain records to `body`, on all cores.
    func read(
        _ pass: StatePass, _ body: @escaping @Sendable (inout StatePass, Record) -> Void
    ) -> (pass: StatePass, problems: [String]) {
        let reading = files.read(into: { pass }, body)
        let problems = reading.faults.first.map { fault in
            switch fault {
            case .line(let place, let reason): "\(reading.words(for: place)) \(reason)"
            case .file(let error): "\(error)"
            }
        }
        return (reading.merged { $0.merge($1) }, problems)
    }

    /// The states of some domains, whatever they have; those not in the scan are not in the answer.
    func states(of domains: Set<String>, _ reader: StateReader) -> [String: Sighting] {
        let store = StateStore()
        if !domains.isEmpty {
            _ = read(StatePass()) { $0.addAgain($1, reader, of: domains, to: store) }
        }
        return store.all
    }

    func compared(_ pass: StatePass) -> ComparedScan {
        ComparedScan(
            folder: path, startedAt: manifest.startedAt, domains: pass.domains,
            records: pass.records, unknown: pass.unknown)
    }

    var cautions: [String] {
        manifest.state == "complete"
            ? [] : ["\(path) is \(manifest.state): what it has no record of is not compared"]
    }
}
