import Glibc

@testable import Archive

/// A fresh folder that goes with the value, and its files.
final class TemporaryFolder {
    let path: String

    init() {
        var template = Array("/tmp/stsurvey-archive-XXXXXX".utf8CString)
        precondition(mkdtemp(&template) != nil, "mkdtemp: \(errno)")
        path = String(
            decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    deinit {
        for name in names { unlink("\(path)/\(name)") }
        rmdir(path)
    }

    /// The names of its files, sorted.
    var names: [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// What a file holds.
    func bytes(_ name: String) throws -> [UInt8] {
        let file = try Descriptor("\(path)/\(name)", O_RDONLY)
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
        defer { chunk.deallocate() }
        while case let count = try file.read(into: chunk), count > 0 {
            bytes += chunk[..<count]
        }
        return bytes
    }

    /// Puts a file there.
    func put(_ bytes: [UInt8], _ name: String) throws {
        let file = try Descriptor("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC)
        try bytes.withUnsafeBufferPointer {
            try file.write(UnsafeRawBufferPointer($0), at: 0)
        }
    }
}

/// The frames of an archive in a folder.
func queue(of folder: TemporaryFolder, _ stem: String) throws -> FrameQueue {
    FrameQueue(try ArchiveFile.files(in: folder.path, stem: stem))
}

/// The lines of all frames.
func lines(_ frames: FrameQueue) throws -> [String] {
    let decoder = FrameDecoder(frames)
    var octets: [UInt8] = []
    while try decoder.next() != nil { octets += decoder.content }
    return octets.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
}

/// What `zstd -dc` puts out of files, and its exit status; nil where there is no such tool.
func zstdcat(_ paths: [String]) -> (output: [UInt8], status: Int32)? {
    var ends: [Int32] = [0, 0]
    guard access("/usr/bin/zstd", X_OK) == 0, pipe(&ends) == 0 else { return nil }
    // Held by another child, the writing end would keep this from seeing the output's end.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var arguments = (["zstd", "-dc"] + paths).map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process = pid_t()
    let spawned = posix_spawn(&process, "/usr/bin/zstd", &actions, nil, &arguments, environ)
    close(ends[1])
    let output = Descriptor(owning: ends[0], path: "pipe")
    guard spawned == 0 else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(output.number, &chunk, chunk.count), count > 0 {
        bytes += chunk[..<count]
    }
    var status: Int32 = 0
    waitpid(process, &status, 0)
    return (bytes, status)
}

/// A file in memory that holds `bytes` zeros and cannot grow; nil where the system has none.
func sealedFile(bytes: Int) -> Int32? {
    typealias Create = @convention(c) (UnsafePointer<CChar>, UInt32) -> Int32
    let (allowSealing, addSeals, sealGrow): (UInt32, Int32, Int32) = (2, 1033, 4)
    // glibc hides it without _GNU_SOURCE.
    guard let symbol = dlsym(dlopen(nil, RTLD_NOW), "memfd_create") else { return nil }
    let file = unsafeBitCast(symbol, to: Create.self)("sealed", allowSealing)
    guard file >= 0, ftruncate(file, bytes) == 0, fcntl(file, addSeals, sealGrow) == 0 else {
        return nil
    }
    return file
}
