internal import DNS
internal import DomainList
internal import Records

extension DomainRecord.Entry {
    /// What the record says of the line it comes from.
    init(_ entry: ListEntry) {
        var domain: DomainName?
        var reason: NameRejection?
        switch entry.name {
        case .success(let name): domain = name
        case .failure(let invalid): reason = invalid.reason
        }
        self.init(
            index: entry.index, source: entry.source, line: entry.line,
            input: Array(entry.input.utf8), rank: entry.rank, domain: domain, invalidReason: reason)
    }
}
