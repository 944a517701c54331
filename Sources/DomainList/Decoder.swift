/// A decompressor: stored bytes in, bytes of the list out, without I/O.
protocol Decoder: AnyObject {
    /// Whether the input may end here: after a whole member, frame or stream.
    var isComplete: Bool { get }

    /// Reads what it can of `input` and writes what it can to `output`.
    ///
    /// `isLast` says that nothing follows `input`. A step that does nothing needs more input.
    /// Output before a failure is valid.
    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> DecodingStep
}

/// What one call of a decoder did.
struct DecodingStep {
    var consumed = 0
    var produced = 0
    var failure: String?
}
