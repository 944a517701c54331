/// Appends a part of what is known of a root, to the lines of one encoder.
struct FieldWriter<Root> {
    let append: (Root, inout LineBuffer) -> Void

    init(_ append: @escaping (Root, inout LineBuffer) -> Void) { self.append = append }
}

extension FieldWriter {
    /// Appends a JSON object of a root: every field, in this order.
    static func object(_ fields: [Field<Root>]) -> FieldWriter {
        let inside = chain(fields.map { $0.makeWriter() }[...])
        return FieldWriter { root, line in
            let start = line.count
            inside.append(root, &line)
            // The first key's comma is where the object opens.
            if line.count == start { line.append(UInt8(ascii: "{")) }
            line.replace(at: start, with: UInt8(ascii: "{"))
            line.append(UInt8(ascii: "}"))
        }
    }

    /// One writer that calls all of them in order: a tree of calls, since a loop over an array
    /// would take and give back each element for each record.
    fileprivate static func chain(_ writers: ArraySlice<FieldWriter>) -> FieldWriter {
        guard let first = writers.first else { return FieldWriter { _, _ in } }
        guard writers.count > 1 else { return first }
        let middle = writers.startIndex + writers.count / 2
        let (before, after) = (chain(writers[..<middle]), chain(writers[middle...]))
        return FieldWriter { root, line in
            before.append(root, &line)
            after.append(root, &line)
        }
    }
}

extension Field {
    /// The fields of a part of the root, whose octets an encoder remembers: where the part is that
    /// of the root before, they are copied.
    ///
    /// Most domains have no MTA-STS record, and most parts of their records read the same.
    static func remembered<Part: Equatable & SendableMetatype>(
        _ fields: [Field<Part>], _ part: @escaping @Sendable (Root) -> Part
    ) -> [Field] {
        fields.enumerated().map { index, field in
            Field(description: field.description) {
                // The first writes for all.
                guard index == 0 else { return FieldWriter { _, _ in } }
                let memory = Memory(FieldWriter.chain(fields.map { $0.makeWriter() }[...]))
                return FieldWriter { root, line in memory.append(part(root), to: &line) }
            }
        }
    }
}

/// The last part that was written, and its octets.
private final class Memory<Part: Equatable> {
    private let writer: FieldWriter<Part>
    private var part: Part?
    private var octets: [UInt8] = []

    init(_ writer: FieldWriter<Part>) { self.writer = writer }

    func append(_ new: Part, to line: inout LineBuffer) {
        if new == part {
            let octets = octets
            return line.append(octets.span)
        }
        let start = line.count
        writer.append(new, &line)
        octets = line.octets(from: start)
        part = new
    }
}
