/// Where a loop's connections ask to begin.
public struct LoopPlace: Sendable {
    /// The desk of the scan.
    public let desk: AdmissionDesk
    /// Which of the loops it is.
    public let index: Int

    /// The place of a loop at the desk.
    public init(_ desk: AdmissionDesk, index: Int) {
        self.desk = desk
        self.index = index
    }
}
