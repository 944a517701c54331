/// A decompressor: stored bytes in, bytes of the list out, with no I/O of its own.
protocol Decoder: AnyObject {
    /// Whether the input may end here: after a whole member, frame or stream.
    var isComplete: Bool { get }

    /// Takes what it can of `input` and puts what it can into `output`.
    ///
    /// `isLast` says that nothing follows `input`. A step that does nothing at all wants more
    /// input. What was put out before a failure is good.
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
