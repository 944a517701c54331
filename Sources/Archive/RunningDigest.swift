/// A digest that is computed as bytes are added.
public protocol RunningDigest: AnyObject {
    /// Adds bytes.
    func update(_ bytes: UnsafeRawBufferPointer)

    /// The digest of the bytes so far, lower-case hex; more can be added after.
    func current() -> String
}
