internal import BasicContainers

extension Field {
    /// The fields of a part of the root, whose octets an encoder caches: where the part was encoded
    /// recently, they are copied.
    ///
    /// Most domains have no MTA-STS record, and most parts of their records are the same.
    @inline(__always)
    static func cached<Part: Equatable & SendableMetatype>(
        _ fields: [Field<Part>], _ part: @escaping @Sendable (Root) -> Part
    ) -> [Field] {
        cached(fields) { root, memory, line in memory.append(part(root), to: &line) }
    }

    /// A field that an encoder remembers: one that has the same few values in most records.
    @inline(__always)
    static func cached<Value: FieldValue & Equatable>(
        _ name: String, _ meaning: String, _ source: String,
        _ value: @escaping @Sendable (Root) -> Value
    ) -> Field {
        cached([Field<Value>(name, meaning, source) { $0 }], value)[0]
    }

    /// Fields that are null, all of them, where `areAbsent`: the nulls are copied in one.
    static func usuallyNull(
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

    private static func cached<Part: Equatable & SendableMetatype>(
        _ fields: [Field<Part>],
        append: @escaping @Sendable (Root, EncodingCache<Part>, inout LineBuffer) -> Void
    ) -> [Field] {
        fields.enumerated().map { index, field in
            Field(description: field.description) {
                // The first writes for all.
                guard index == 0 else { return nil }
                let memory = EncodingCache(FieldWriter.chain(fields))
                return FieldWriter { root, line in append(root, memory, &line) }
            }
        }
    }
}

/// A cache of a few parts that were written, with their octets.
///
/// A new part replaces one that was not used since the last replacement, so parts that occur once
/// do not evict those that occur often.
private final class EncodingCache<Part: Equatable> {
    private let writer: FieldWriter<Part>
    private var parts = UniqueArray<WrittenPart<Part>>()
    private let countMax = 8
    /// Longer parts hardly occur twice.
    private let octetsMax = 4096
    /// The index of the part used last: most occur several times in a row.
    private var recent = 0
    /// Where the next part to evict is looked for.
    private var hand = 0

    init(_ writer: FieldWriter<Part>) { self.writer = writer }

    func append(_ part: Part, to line: inout LineBuffer) {
        // Taken out while they are in use, so that no access to them has to be watched.
        var parts = UniqueArray<WrittenPart<Part>>()
        swap(&parts, &self.parts)
        if let index = parts.span.place(of: part, before: recent) {
            recent = index
            parts[index].isMetAgain = true
            line.append(parts[index].octets)
        } else {
            appendNew(part, to: &line, &parts)
        }
        swap(&parts, &self.parts)
    }

    private func appendNew(
        _ part: Part, to line: inout LineBuffer, _ parts: inout UniqueArray<WrittenPart<Part>>
    ) {
        let start = line.count
        writer.append(part, &line)
        guard line.count - start <= octetsMax else { return }
        let new = WrittenPart(part: part, octets: line.copy(from: start))
        guard parts.count == countMax else { return parts.append(new) }
        while parts[hand].isMetAgain {
            parts[hand].isMetAgain = false
            hand = (hand + 1) % countMax
        }
        parts[hand] = new
        hand = (hand + 1) % countMax
    }
}

private struct WrittenPart<Part: Equatable>: ~Copyable {
    let part: Part
    let octets: LineBuffer
    var isMetAgain = false

    func has(_ other: borrowing Part) -> Bool { part == other }
}

extension Span where Element: ~Copyable {
    /// The index of a part, looked for at `recent` first; nil where it is not cached.
    fileprivate func place<Part>(of part: Part, before recent: Int) -> Int?
    where Element == WrittenPart<Part> {
        if recent < count, self[recent].has(part) { return recent }
        return indices.first { self[$0].has(part) }
    }
}
