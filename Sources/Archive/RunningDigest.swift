/// A digest of bytes that come one after the other.
public protocol RunningDigest: AnyObject {
    /// Adds bytes.
    func update(_ bytes: UnsafeRawBufferPointer)

    /// The digest of the bytes so far, lower-case hex; more can be added after.
    func current() -> String
}
