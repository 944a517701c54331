import CBzip2
import CLzma
import CZlib
import CZstd
import DNS
import Glibc

@testable import DomainList

/// A file with the given bytes that ends with the value.
final class TemporaryFile {
    let path: String

    init(_ bytes: [UInt8]) {
        var template = Array("/tmp/stsurvey-list-XXXXXX".utf8CString)
        let descriptor = mkstemp(&template)
        precondition(descriptor >= 0, "mkstemp: \(errno)")
        defer { close(descriptor) }
        path = template.withUnsafeBufferPointer {
            String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
        var written = 0
        while written < bytes.count {
            let count = write(descriptor, Array(bytes[written...]), bytes.count - written)
            precondition(count > 0, "write: \(errno)")
            written += count
        }
    }

    convenience init(_ text: String) { self.init(Array(text.utf8)) }

    deinit { unlink(path) }
}

extension OpenedList {
    /// Opens lists that are called by their paths.
    static func open(paths: [String]) throws(ListError) -> [OpenedList] {
        try open(paths.map { ListLocation(name: $0, path: $0) })
    }
}

/// What a list gave, and the error that ended it.
struct Reading {
    var entries: [ListEntry] = []
    var error: ListError?
    var statistics = ListStatistics()

    init(_ bytes: [UInt8], unique: Bool = false) {
        let file = TemporaryFile(bytes)
        do throws(ListError) {
            let reader = ListReader(try OpenedList.open(paths: [file.path]), unique: unique)
            defer { statistics = reader.statistics }
            while let entry = try reader.next() { entries.append(entry) }
        } catch {
            self.error = error
        }
    }

    init(_ text: String, unique: Bool = false) { self.init(Array(text.utf8), unique: unique) }

    /// Each entry's name, or the reason that it has none.
    var names: [String] { entries.map(\.outcome) }
}

extension ListEntry {
    /// The name, or the reason that there is none.
    var outcome: String {
        switch name {
        case .success(let name): name.text
        case .failure(let fault): fault.reason.rawValue
        }
    }
}

/// A gzip member, zstd frame or xz stream made by the libraries.
enum Compressed {
    static func gzip(_ text: String) -> [UInt8] { gzip(bytes: Array(text.utf8)) }

    static func gzip(bytes: [UInt8]) -> [UInt8] {
        var input = bytes
        var output = [UInt8](repeating: 0, count: input.count + 1024)
        var stream = z_stream()
        let size = Int32(MemoryLayout<z_stream>.size)
        deflateInit2_(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, size)
        defer { deflateEnd(&stream) }
        let count = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                precondition(deflate(&stream, Z_FINISH) == Z_STREAM_END)
                return Int(stream.total_out)
            }
        }
        return Array(output[..<count])
    }

    static func zstd(_ text: String, checksum: Bool = true) -> [UInt8] {
        let input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: ZSTD_compressBound(input.count))
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, checksum ? 1 : 0)
        let count = ZSTD_compress2(context, &output, output.count, input, input.count)
        precondition(ZSTD_isError(count) == 0)
        return Array(output[..<count])
    }

    static func bzip2(_ text: String) -> [UInt8] {
        var input = Array(text.utf8).map(CChar.init(bitPattern:))
        var output = [CChar](repeating: 0, count: input.count + input.count / 100 + 600)
        var count = UInt32(output.count)
        let status = BZ2_bzBuffToBuffCompress(
            &output, &count, &input, UInt32(input.count), 9, 0, 0)
        precondition(status == BZ_OK)
        return output[..<Int(count)].map(UInt8.init(bitPattern:))
    }

    static func lzma(_ text: String) -> [UInt8] {
        var options = lzma_options_lzma()
        precondition(lzma_lzma_preset(&options, 6) == 0)
        var stream = lzma_stream()
        precondition(lzma_alone_encoder(&stream, &options) == LZMA_OK)
        defer { lzma_end(&stream) }
        let input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: input.count + 1024)
        let count = input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = input.count
                stream.next_out = output.baseAddress
                stream.avail_out = output.count
                precondition(lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END)
                return Int(stream.total_out)
            }
        }
        return Array(output[..<count])
    }

    static func xz(_ text: String) -> [UInt8] {
        let input = Array(text.utf8)
        var output = [UInt8](repeating: 0, count: input.count + 1024)
        var count = 0
        let status = lzma_easy_buffer_encode(
            6, LZMA_CHECK_CRC64, nil, input, input.count, &output, &count, output.count)
        precondition(status == LZMA_OK)
        return Array(output[..<count])
    }
}
