/// Appends a part of a root to the lines of one encoder.
struct FieldWriter<Root> {
    let append: (Root, inout LineBuffer) -> Void

    init(_ append: @escaping (Root, inout LineBuffer) -> Void) { self.append = append }
}

extension FieldWriter {
    /// Appends a JSON object of a root: every field, in this order.
    static func object(_ fields: [Field<Root>]) -> FieldWriter {
        let inside = chain(fields)
        return FieldWriter { root, line in
            let start = line.count
            inside.append(root, &line)
            // The first key's comma is where the object opens.
            if line.count == start { line.append(UInt8(ascii: "{")) }
            line.replace(at: start, with: UInt8(ascii: "{"))
            line.append(UInt8(ascii: "}"))
        }
    }

    /// One writer of all the fields in order.
    static func chain(_ fields: [Field<Root>]) -> FieldWriter {
        chain(fields.compactMap { $0.makeWriter() }[...])
    }

    /// One writer that calls all of them in order: a tree of calls, since a loop over an array
    /// would take and give back each element for each record.
    private static func chain(_ writers: ArraySlice<FieldWriter>) -> FieldWriter {
        let start = writers.startIndex
        switch writers.count {
        case 0: return FieldWriter { _, _ in }
        case 1: return writers[start]
        case 2:
            let (one, two) = (writers[start], writers[start + 1])
            return FieldWriter { root, line in
                one.append(root, &line)
                two.append(root, &line)
            }
        case 3:
            let (one, two, three) = (writers[start], writers[start + 1], writers[start + 2])
            return FieldWriter { root, line in
                one.append(root, &line)
                two.append(root, &line)
                three.append(root, &line)
            }
        default: return chain(quarters: writers)
        }
    }

    private static func chain(quarters writers: ArraySlice<FieldWriter>) -> FieldWriter {
        let quarter = writers.count / 4
        let starts = (0..<4).map { writers.startIndex + $0 * quarter }
        let (one, two) = (chain(writers[..<starts[1]]), chain(writers[starts[1]..<starts[2]]))
        let (three, four) = (chain(writers[starts[2]..<starts[3]]), chain(writers[starts[3]...]))
        return FieldWriter { root, line in
            one.append(root, &line)
            two.append(root, &line)
            three.append(root, &line)
            four.append(root, &line)
        }
    }
}

/// One JSON object of a root, every field in this order: for what is written once.
package func jsonObject<Root>(of root: Root, _ fields: [Field<Root>]) -> String {
    var line = LineBuffer()
    FieldWriter.object(fields).append(root, &line)
    return line.text
}

/// A key of an object as the octets before its value, ready to be copied.
public struct FieldKey: Sendable {
    /// A comma, the key and its colon.
    let octets: [UInt8]
    /// The same with the quotation mark that opens a string.
    let opening: [UInt8]
    /// The same with the bracket that opens an array.
    let array: [UInt8]
    /// The same with `null`.
    let null: [UInt8]

    init(_ name: String) {
        octets = Array(",\"\(name)\":".utf8)
        opening = octets + [UInt8(ascii: "\"")]
        array = octets + [UInt8(ascii: "[")]
        null = octets + Array("null".utf8)
    }
}

extension FieldValue {
    /// Appends the key, then the value.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        line.append(key.octets.span)
        appendJSON(to: &line)
    }
}
