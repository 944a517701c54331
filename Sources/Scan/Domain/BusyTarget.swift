internal import ConnectionLimits
internal import DNS

/// What a domain would have to wait for together with too many others: it is begun anew when there
/// is room.
enum BusyTarget: Error, Hashable, Sendable {
    /// Servers of one operator.
    case destination(BusyDestination)
    /// What one MX host shows in the end.
    case host(DomainName)
}
