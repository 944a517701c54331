public import Archive
internal import Glibc
internal import Records

/// One record, to be used no longer than the call that it is handed to.
@safe public struct StoredRecord {
    /// The line's value, which is an object.
    public let value: JSONValue

    /// The line without its line feed.
    public let text: UnsafeRawBufferPointer

    /// Its position.
    public let place: RecordPosition

    /// The record's members; one copy for all keys keeps its position in them.
    public var object: JSONObject { value.object ?? .empty(at: value) }
}

/// The position of a record.
public struct RecordPosition: Hashable, Sendable {
    /// The frame.
    public let frame: FramePosition

    /// The line's number in the frame, from 0.
    public let line: Int
}

/// Reads records one after another; one of several takers of a queue of frames, or its only one.
public final class RecordReader {
    /// What was read of each frame.
    public private(set) var counts: [FrameCount] = []

    /// What could not be read.
    public private(set) var faults = Faults()

    /// Called after the last record of a frame.
    public var onFrameEnd: ((FramePosition) -> Void)?

    private let decoder: FrameDecoder
    private let parser = JSONParser()
    private let checksVersion: Bool
    private var place: FramePosition?
    private var position = 0
    private var line = 0

    /// A reader of the queue's frames; with `checksVersion` a record of another schema version than
    /// this program's is a fault.
    public init(_ queue: FrameQueue, checksVersion: Bool = false) {
        self.checksVersion = checksVersion
        decoder = FrameDecoder(queue, padding: JSONParser.padding)
    }

    /// The next record, which lasts until the next call; nil where there is none.
    public func next() -> StoredRecord? {
        while true {
            guard let text = unsafe nextLine(), let place else { return nil }
            let record = RecordPosition(frame: place, line: line)
            line += 1
            do throws(JSONError) {
                let value = try unsafe parser.parse(text)
                guard value.kind == .object else {
                    faults.add(.line(record, "is no JSON object"))
                    continue
                }
                if let version = unsafe otherVersion(text, value) {
                    faults.add(.line(record, version))
                    continue
                }
                return unsafe StoredRecord(value: value, text: text, place: record)
            } catch {
                faults.add(.line(record, "is not JSON: \(error)"))
            }
        }
    }

    /// Passes every remaining record to `body`.
    public func readAll(_ body: (StoredRecord) -> Void) {
        while let record = next() { body(record) }
    }

    /// How every record of this program's schema version begins.
    private static let beginning = Array("{\"schema_version\":\(schemaVersion),".utf8)

    /// The fault of the record's version, where it is to be checked; nil where there is none.
    private func otherVersion(_ text: UnsafeRawBufferPointer, _ value: JSONValue) -> String? {
        guard checksVersion else { return nil }
        let isKnown = unsafe Self.beginning.withUnsafeBytes { known in
            guard text.count >= known.count, let start = text.baseAddress,
                let wanted = known.baseAddress
            else { return false }
            return unsafe memcmp(start, wanted, known.count) == 0
        }
        if isKnown { return nil }
        guard let version = value["schema_version"]?.int else { return "has no schema version" }
        let known = readableSchemaVersions
        guard !known.contains(version) else { return nil }
        return "has schema version \(version), this program reads \(known.lowerBound) to "
            + "\(known.upperBound)"
    }

    private func nextLine() -> UnsafeRawBufferPointer? {
        while unsafe position == decoder.content.count { guard takeFrame() else { return nil } }
        let rest = unsafe UnsafeRawBufferPointer(rebasing: decoder.content[position...])
        guard let start = rest.baseAddress else { return nil }
        let feed = unsafe memchr(start, 0x0A, rest.count)
        let length = unsafe feed.map { unsafe UnsafeRawPointer($0) - start } ?? rest.count
        unsafe position += feed == nil ? length : length + 1
        return unsafe UnsafeRawBufferPointer(rebasing: rest[..<length])
    }

    /// Takes the next frame that can be read; false where there is none.
    private func takeFrame() -> Bool {
        closeFrame()
        while true {
            do throws(ArchiveError) {
                place = try decoder.next()
                if unsafe decoder.content.elementsEqual(emptyContent) {
                    position = unsafe decoder.content.count
                }
                return place != nil
            } catch {
                faults.add(.file(error))
            }
        }
    }

    private func closeFrame() {
        if let place {
            unsafe counts.append(
                FrameCount(place: place, records: line, bytes: decoder.content.count))
            onFrameEnd?(place)
        }
        place = nil
        position = 0
        line = 0
    }
}
