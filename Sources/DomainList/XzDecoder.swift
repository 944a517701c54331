internal import CLzma

/// The owner of a liblzma stream that reads concatenated .xz streams, or one .lzma file.
@safe final class XzDecoder: Decoder {
    /// The container of the compressed data.
    enum Container: String { case xz, lzma }

    private let container: Container
    private let stream: UnsafeMutablePointer<lzma_stream>
    private(set) var isComplete = false

    /// `xz -9` needs 65 MiB; a file that needs more than this is not a list of domains.
    private static let memoryBytesMax: UInt64 = 1 << 30

    init(_ container: Container) {
        self.container = container
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: lzma_stream())
        let status =
            switch container {
            case .xz:
                unsafe lzma_stream_decoder(
                    stream, Self.memoryBytesMax, UInt32(clzma_concatenated))
            case .lzma: unsafe lzma_alone_decoder(stream, Self.memoryBytesMax)
            }
        precondition(status == LZMA_OK, "liblzma: \(status)")
    }

    deinit {
        unsafe lzma_end(stream)
        unsafe stream.deallocate()
    }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> DecodingStep {
        guard !isComplete else { return DecodingStep() }
        unsafe stream.pointee.next_in = input.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_in = input.count
        unsafe stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = output.count
        let status = unsafe lzma_code(stream, isLast ? LZMA_FINISH : LZMA_RUN)
        isComplete = status == LZMA_STREAM_END
        return unsafe DecodingStep(
            consumed: input.count - stream.pointee.avail_in,
            produced: output.count - stream.pointee.avail_out,
            failure: failure(status))
    }

    private func failure(_ status: lzma_ret) -> String? {
        switch status {
        // LZMA_BUF_ERROR says only that a call could do nothing.
        case LZMA_OK, LZMA_STREAM_END, LZMA_BUF_ERROR: nil
        case LZMA_FORMAT_ERROR: "corrupt \(container) data: no stream where one should begin"
        case LZMA_DATA_ERROR: "corrupt \(container) data"
        case LZMA_OPTIONS_ERROR: "\(container) data with options that liblzma does not know"
        case LZMA_MEMLIMIT_ERROR: "\(container) data that needs more than 1 GiB of memory"
        case LZMA_MEM_ERROR: "not enough memory for \(container) data"
        default: "corrupt \(container) data: liblzma error \(status.rawValue)"
        }
    }
}
