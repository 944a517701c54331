internal import CZstd

/// The owner of a zstd decompression context that reads frames one after the other.
@safe final class ZstdDecoder: Decoder {
    private let context: OpaquePointer
    private var wantedBytes: Int
    private(set) var isComplete = false

    init() {
        guard let context = unsafe ZSTD_createDCtx() else { preconditionFailure("ZSTD_createDCtx") }
        unsafe self.context = context
        wantedBytes = unsafe ZSTD_initDStream(context)
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    func decode(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) -> DecodingStep {
        // A call that fails does not say how much it wrote. With no more input than it asks for, a
        // call decodes one block, so all blocks before a corrupt one are delivered.
        let fed = min(input.count, max(wantedBytes, 1))
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: fed, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else {
            return DecodingStep(failure: failure(result))
        }
        if unsafe source.pos > 0 || target.pos > 0 { isComplete = result == 0 }
        wantedBytes = result
        return unsafe DecodingStep(consumed: source.pos, produced: target.pos)
    }

    private func failure(_ result: Int) -> String {
        if ZSTD_getErrorCode(result) == ZSTD_error_frameParameter_windowTooLarge {
            return "zstd data with a window over 128 MiB (--long=28 or more)"
        }
        return unsafe "corrupt zstd data: \(String(cString: ZSTD_getErrorName(result)))"
    }
}
