public import DNS
public import Explanations
public import Judgement
public import Observations
public import Records

/// A domain of a scan with what is to be said to its owner.
public struct SelectedDomain: Sendable {
    /// The folder of the scan.
    public let folder: String
    /// The list's entry.
    public let entry: DomainRecord.Entry
    /// The domain.
    public let name: DomainName
    /// When it was scanned, in seconds since 1970.
    public let scannedAt: Int64
    /// What was seen, the hosts included.
    public let observation: DomainObservation
    /// What follows from that.
    public let judgement: Judgement
    /// The same in words.
    public let diagnosis: Diagnosis
    /// Who runs its MX hosts, by the names that the tables of statistics have.
    public let mxProvider: String
    /// Who runs its policy host.
    public let policyProvider: String
    /// What an earlier scan said; nil where there is none, or it did not have the domain.
    public let earlier: VerdictSummary?
}
