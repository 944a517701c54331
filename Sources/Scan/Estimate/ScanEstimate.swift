internal import DomainList
internal import Glibc
internal import Logging
internal import ScanFolder

extension Scan {
    /// How many entries are read between two looks for a signal.
    private static let entriesPerLook = 65_536

    /// What the scan will take, by its lists, its options and what is assumed; nil where a signal
    /// stopped the reading.
    ///
    /// The lists are read as the scan would read them. Nothing is sent and nothing is written.
    public mutating func estimate() throws(ScanError) -> EstimatePage? {
        guard options.rescanFolder == nil else {
            throw .usage("--estimate does not go together with --ask-again: it takes a list")
        }
        var counts = (domains: 0, entries: 0)
        if let domains = options.assumptions.domains {
            guard options.lists.isEmpty else {
                throw .usage("--assume domains=… stands for a list: name no list beside it")
            }
            let count = Int(domains) / (options.shard?.count ?? 1)
            counts = (count, count)
        } else {
            guard !options.lists.isEmpty else {
                throw .usage("name a list of domains, or their number by --assume domains=…")
            }
            guard let counted = try countEntries() else { return nil }
            counts = counted
        }
        try options.complete()
        let estimate = Estimate(
            domains: counts.domains, entries: counts.entries, by: options,
            assuming: options.assumptions, cores: Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
        return EstimatePage(
            estimate: estimate, assumed: options.assumptions, options: options)
    }

    /// How many entries the lists have that the scan would take, and how many of them are names.
    private mutating func countEntries() throws(ScanError) -> (domains: Int, entries: Int)? {
        let lists = try openLists()
        guard try examine(lists, isNew: true) else { return nil }
        let reader = ListReader(lists, unique: options.unique)
        var (domains, entries) = (0, 0)
        var signals = self.signals
        do throws(ListError) {
            while let entry = try reader.next() {
                if entry.index % Self.entriesPerLook == 0, signals.wait(milliseconds: 0) == .stop {
                    return nil
                }
                guard options.shard?.contains(entry.index) != false else { continue }
                entries += 1
                if case .success = entry.name { domains += 1 }
            }
        } catch {
            throw refusal(of: error)
        }
        for remark in reader.remarks { options.log.warning("\(remark)") }
        return (domains, entries)
    }
}
