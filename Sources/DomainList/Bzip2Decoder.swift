internal import CBzip2

/// The owner of a libbz2 stream that reads bzip2 streams one after the other.
@safe final class Bzip2Decoder: Decoder {
    // libbz2 keeps the address of the stream, so the stream may not move.
    private let stream: UnsafeMutablePointer<bz_stream>
    private(set) var isComplete = false

    init() {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: bz_stream())
        begin()
    }

    deinit {
        unsafe BZ2_bzDecompressEnd(stream)
        unsafe stream.deallocate()
    }

    private func begin() {
        let status = unsafe BZ2_bzDecompressInit(stream, 0, 0)
        precondition(status == BZ_OK, "BZ2_bzDecompressInit: \(status)")
        isComplete = false
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> DecodingStep {
        guard unsafe !input.isEmpty || !isComplete else { return DecodingStep() }
        // bzip2(1) and pbzip2 write several streams to one file.
        if isComplete {
            unsafe BZ2_bzDecompressEnd(stream)
            unsafe stream.initialize(to: bz_stream())
            begin()
        }
        let bytes = unsafe input.bindMemory(to: CChar.self)
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.bindMemory(to: CChar.self).baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let status = unsafe BZ2_bzDecompress(stream)
        isComplete = status == BZ_STREAM_END
        return unsafe DecodingStep(
            consumed: input.count - Int(stream.pointee.avail_in),
            produced: output.count - Int(stream.pointee.avail_out), failure: failure(status))
    }

    private func failure(_ status: Int32) -> String? {
        switch status {
        case BZ_OK, BZ_STREAM_END: nil
        case BZ_DATA_ERROR_MAGIC: "corrupt bzip2 data: no bzip2 stream where one should begin"
        case BZ_MEM_ERROR: "not enough memory for bzip2 data"
        default: "corrupt bzip2 data: libbz2 error \(status)"
        }
    }
}
