internal import CZlib

/// The owner of a zlib stream that reads gzip members one after the other (RFC 1952 §2.2).
@safe final class GzipDecoder: Decoder {
    // zlib keeps the address of the stream, so the stream may not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private(set) var isComplete = false

    /// zlib's sum of the largest window and the flag for "gzip header, no other".
    private static let windowBitsForGzip: Int32 = 15 + 16

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream, Self.windowBitsForGzip, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "inflateInit2: \(status)")
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> DecodingStep {
        var step = DecodingStep()
        if isComplete {
            // gzip(1) takes zeros between and after members for padding, as on tapes.
            step.consumed = unsafe input.prefix { $0 == 0 }.count
            guard step.consumed < input.count else { return step }
            unsafe inflateReset(stream)
            isComplete = false
        }
        unsafe inflateOnce(UnsafeRawBufferPointer(rebasing: input[step.consumed...]), output, &step)
        return step
    }

    private func inflateOnce(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer,
        _ step: inout DecodingStep
    ) {
        let bytes = unsafe input.bindMemory(to: UInt8.self)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        unsafe step.consumed += input.count - Int(stream.pointee.avail_in)
        step.produced = unsafe output.count - Int(stream.pointee.avail_out)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: isComplete = true
        default:
            let words = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            step.failure = "corrupt gzip data: \(words ?? "zlib error \(status)")"
        }
    }
}
