internal import DomainList
internal import Logging
internal import PublicSuffix

extension ScanOptions {
    /// Says how a list is laid out, unless only problems are to be printed.
    func tellLayout(of list: OpenedList, _ format: ListFormat) {
        guard !isQuiet else { return }
        log.notice("the list \(list.location.name): \(format.description)")
    }

    /// Why a new scan had better not read a list, whose details are logged; nil where it may.
    func objection(to list: OpenedList) throws(ScanError) -> String? {
        do throws(ListError) {
            guard checksLists else { return nil }
            let suffixes = PublicSuffixList()
            let doubt = try ListDoubt(list) { suffixes?.isTLD($0) ?? true }
            guard let doubt else { return nil }
            for line in doubt.details { log.error("\(line)") }
            return doubt.summary
        } catch {
            throw .input("\(error)")
        }
    }
}
