internal import CZstd

/// The owner of a zstd compression context that makes whole frames.
@safe final class Compressor {
    private let context: OpaquePointer
    private var output: [UInt8] = []

    init(level: Int) {
        guard let context = unsafe ZSTD_createCCtx() else { preconditionFailure("ZSTD_createCCtx") }
        unsafe self.context = context
        // No level has a window over 2²⁷ bytes, the most that readers take.
        set(ZSTD_c_compressionLevel, level)
        // Content size is on of itself: the whole frame is known when it begins.
        set(ZSTD_c_checksumFlag, 1)
    }

    deinit { unsafe ZSTD_freeCCtx(context) }

    private func set(_ parameter: ZSTD_cParameter, _ value: Int) {
        let result = unsafe ZSTD_CCtx_setParameter(context, parameter, Int32(value))
        precondition(ZSTD_isError(result) == 0, "zstd parameter: \(value)")
    }

    /// Passes `body` one frame with all of the content; the frame's memory is reused.
    func withFrame<Result>(
        of content: [UInt8], _ body: (UnsafeRawBufferPointer) throws(ArchiveError) -> Result
    ) throws(ArchiveError) -> Result {
        let bound = ZSTD_compressBound(content.count)
        if output.count < bound { output = [UInt8](repeating: 0, count: bound) }
        let count = unsafe ZSTD_compress2(context, &output, output.count, content, content.count)
        guard ZSTD_isError(count) == 0 else {
            let words = unsafe String(cString: ZSTD_getErrorName(count))
            throw ArchiveError(.compress, "records", reason: words)
        }
        return try unsafe output.withUnsafeBufferPointer { (bytes) throws(ArchiveError) in
            try unsafe body(UnsafeRawBufferPointer(start: bytes.baseAddress, count: count))
        }
    }
}

/// The owner of a zstd decompression context.
@safe final class Decompressor {
    private let context: OpaquePointer
    private(set) var isBetweenFrames = true

    init() {
        guard let context = unsafe ZSTD_createDCtx() else { preconditionFailure("ZSTD_createDCtx") }
        unsafe self.context = context
    }

    deinit { unsafe ZSTD_freeDCtx(context) }

    /// Forgets the frame that was begun.
    func reset() {
        unsafe ZSTD_DCtx_reset(context, ZSTD_reset_session_only)
        isBetweenFrames = true
    }

    /// Decompresses bytes up to the end of a frame at most; returns how many were read and written.
    func decompress(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, of path: String
    ) throws(ArchiveError) -> (taken: Int, made: Int) {
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        let result = unsafe ZSTD_decompressStream(context, &target, &source)
        guard ZSTD_isError(result) == 0 else {
            let words = unsafe String(cString: ZSTD_getErrorName(result))
            throw ArchiveError(.decompress, path, reason: words)
        }
        if unsafe source.pos > 0 || target.pos > 0 { isBetweenFrames = result == 0 }
        return unsafe (source.pos, target.pos)
    }
}
