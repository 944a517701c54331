import Dispatch
import Glibc
import Testing

@testable import Archive

/// A pipe whose ends are closed with the value, unless they were before.
private final class Pipe {
    private(set) var reading: Int32 = -1
    private(set) var writing: Int32 = -1

    init() {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0, "pipe: \(errno)")
        (reading, writing) = (ends[0], ends[1])
        signal(SIGPIPE, SIG_IGN)
    }

    deinit {
        closeReading()
        close(writing)
    }

    func closeReading() {
        if reading >= 0 { close(reading) }
        reading = -1
    }

    /// Reads so many bytes, or what there is before the end.
    func read(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var done = 0
        while done < count {
            let got = bytes[done...].withUnsafeMutableBytes {
                Glibc.read(reading, $0.baseAddress, $0.count)
            }
            guard got > 0 else { break }
            done += got
        }
        return Array(bytes[..<done])
    }
}

/// A thread that runs a closure.
private struct JoinedThread {
    private let ended = DispatchSemaphore(value: 0)

    init(_ body: @escaping @Sendable () -> Void) {
        let ended = ended
        DispatchQueue.global().async {
            body()
            ended.signal()
        }
    }

    /// Whether it ends within so many seconds.
    func join(seconds: Int) -> Bool { ended.wait(timeout: .now() + .seconds(seconds)) == .success }
}

@Suite("Lines to a pipe")
struct LineStreamTests {
    private func write(_ text: [UInt8], to stream: LineStream) throws {
        try text.withUnsafeBytes { try stream.write($0) }
    }

    @Test("more than the pipe holds arrives whole, also where the descriptor is non-blocking")
    func longLines() throws {
        let pipe = Pipe()
        #expect(fcntl(pipe.writing, F_SETFL, O_NONBLOCK) == 0)
        let text = [UInt8](repeating: UInt8(ascii: "x"), count: 300_000) + [UInt8(ascii: "\n")]
        let stream = LineStream(pipe.writing, name: "standard output")
        let writer = JoinedThread { try? self.write(text, to: stream) }
        #expect(pipe.read(text.count) == text)
        #expect(writer.join(seconds: 10))
        try stream.finish()
    }

    @Test("the end of the last reader is an error of the next write, which says so")
    func writeWithoutReader() {
        let pipe = Pipe()
        pipe.closeReading()
        let error = #expect(throws: ArchiveError.self) {
            try write(Array("{}\n".utf8), to: LineStream(pipe.writing, name: "standard output"))
        }
        #expect(error?.hasNoReader == true)
        #expect(error?.description == "cannot write standard output: Broken pipe")
    }

    @Test("the end of the last reader ends the wait for it, without a write")
    func waitForReader() {
        let pipe = Pipe()
        let stream = LineStream(pipe.writing, name: "standard output")
        let watch = JoinedThread { stream.waitUntilUnread() }
        usleep(50_000)
        pipe.closeReading()
        #expect(watch.join(seconds: 10))
    }

    @Test("a full device is an error")
    func fullDevice() {
        let full = open("/dev/full", O_WRONLY)
        defer { close(full) }
        let error = #expect(throws: ArchiveError.self) {
            try write(Array("{}\n".utf8), to: LineStream(full, name: "/dev/full"))
        }
        #expect(error?.isOutOfSpace == true && error?.hasNoReader == false)
    }
}
