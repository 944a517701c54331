extension Field {
    /// The fields of a part of the root, whose octets an encoder remembers: where the part is one
    /// of those met last, they are copied.
    ///
    /// Most domains have no MTA-STS record, and most parts of their records read the same.
    @inline(__always)
    static func remembered<Part: Equatable & SendableMetatype>(
        _ fields: [Field<Part>], _ part: @escaping @Sendable (Root) -> Part
    ) -> [Field] {
        remembered(fields) { root, memory, line in memory.append(part(root), to: &line) }
    }

    /// A field that an encoder remembers: one that has the same few values in most records.
    @inline(__always)
    static func remembered<Value: FieldValue & Equatable>(
        _ name: String, _ meaning: String, _ source: String,
        _ value: @escaping @Sendable (Root) -> Value
    ) -> Field {
        remembered([Field<Value>(name, meaning, source) { $0 }], value)[0]
    }

    /// Fields that are null, all of them, where `areAbsent`: the nulls are copied in one.
    static func rare(
        _ fields: [Field], where areAbsent: @escaping @Sendable (Root) -> Bool
    ) -> [Field] {
        precondition(fields.allSatisfy(\.description.isNullable), "a field that is never null")
        let nulls = fields.flatMap { FieldKey($0.description.name).null }
        return fields.enumerated().map { index, field in
            Field(description: field.description) {
                guard index == 0 else { return nil }
                let writer = FieldWriter.chain(fields)
                return FieldWriter { root, line in
                    guard areAbsent(root) else { return writer.append(root, &line) }
                    line.append(nulls.span)
                }
            }
        }
    }

    private static func remembered<Part: Equatable & SendableMetatype>(
        _ fields: [Field<Part>],
        append: @escaping @Sendable (Root, FieldMemory<Part>, inout LineBuffer) -> Void
    ) -> [Field] {
        fields.enumerated().map { index, field in
            Field(description: field.description) {
                // The first writes for all.
                guard index == 0 else { return nil }
                let memory = FieldMemory(FieldWriter.chain(fields))
                return FieldWriter { root, line in append(root, memory, &line) }
            }
        }
    }
}

/// A few parts that were written, and their octets.
///
/// A part that is met again takes the place of the one before it, and a new one that of the last:
/// so those met most stand in front, and what is met once drives none of them out.
private final class FieldMemory<Part: Equatable> {
    private let writer: FieldWriter<Part>
    /// The one met most, looked at first.
    private var front: WrittenPart<Part>?
    private var others: [WrittenPart<Part>] = []
    private let othersMax = 7
    /// What is longer is hardly met again.
    private let octetsMax = 4096

    init(_ writer: FieldWriter<Part>) { self.writer = writer }

    func append(_ part: Part, to line: inout LineBuffer) {
        if let front, front.has(part) { return front.append(to: &line) }
        let others = others
        guard let index = others.indices.first(where: { others[$0].has(part) }) else {
            return appendNew(part, to: &line)
        }
        let found = others[index]
        found.append(to: &line)
        guard index > 0 else {
            if let front { replaceOther(at: 0, with: front) }
            return front = found
        }
        replaceOther(at: index, with: others[index - 1])
        replaceOther(at: index - 1, with: found)
    }

    private func appendNew(_ part: Part, to line: inout LineBuffer) {
        let start = line.count
        writer.append(part, &line)
        guard line.count - start <= octetsMax else { return }
        let new = WrittenPart(part, octets: line.copy(from: start))
        if front == nil { return front = new }
        replaceOther(at: min(others.count, othersMax - 1), with: new)
    }

    private func replaceOther(at index: Int, with part: WrittenPart<Part>) {
        // Taken out while it is changed, so that no access to it has to be watched.
        var changed = others
        others = []
        if index == changed.count { changed.append(part) } else { changed[index] = part }
        others = changed
    }
}

private final class WrittenPart<Part: Equatable> {
    private let part: Part
    private let octets: LineBuffer

    init(_ part: Part, octets: consuming LineBuffer) {
        self.part = part
        self.octets = octets
    }

    func has(_ other: Part) -> Bool { part == other }

    func append(to line: inout LineBuffer) { line.append(octets) }
}
