internal import CZstd

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
