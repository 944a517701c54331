/// One key of a record: what readers are told of it and how it is written, in one declaration, so
/// that order, type and documentation cannot drift apart.
public struct Field<Root>: Sendable {
    /// What readers are told.
    public let description: FieldDescription
    /// How it is written.
    let writer: FieldWriter<Root>

    /// A field whose type is that of the Swift value.
    public init<Value: FieldValue>(
        _ name: String, _ meaning: String, _ source: String,
        _ value: @escaping @Sendable (Root) -> Value
    ) {
        self.init(
            description: FieldDescription(
                name: name, type: Value.fieldType, isNullable: Value.isNullable,
                meaning: meaning, source: source)
        ) { value($0).appendJSON(to: &$1) }
    }

    private init(
        description: FieldDescription,
        appendValue: @escaping @Sendable (Root, inout [UInt8]) -> Void
    ) {
        self.description = description
        writer = FieldWriter(
            key: Array(",\"\(description.name)\":".utf8), appendValue: appendValue)
    }

    /// An object of `fields`, null where there is no child.
    public static func object<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        _ child: @escaping @Sendable (Root) -> Child?
    ) -> Field {
        let description = FieldDescription(
            name: name, type: .object(fields.map(\.description)), isNullable: true,
            meaning: meaning, source: source)
        let writers = fields.map(\.writer)
        return Field(description: description) { root, line in
            guard let child = child(root) else { return line.appendNull() }
            writers.append(child, to: &line)
        }
    }

    /// An object of further fields of the same root, null where it is not present.
    public static func group(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field],
        isPresent: @escaping @Sendable (Root) -> Bool
    ) -> Field {
        let description = FieldDescription(
            name: name, type: .object(fields.map(\.description)), isNullable: true,
            meaning: meaning, source: source)
        let writers = fields.map(\.writer)
        return Field(description: description) { root, line in
            guard isPresent(root) else { return line.appendNull() }
            writers.append(root, to: &line)
        }
    }

    /// An array of objects of `fields`.
    public static func objects<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        _ children: @escaping @Sendable (Root) -> [Child]
    ) -> Field {
        let description = FieldDescription(
            name: name, type: .array(.object(fields.map(\.description))), isNullable: false,
            meaning: meaning, source: source)
        let writers = fields.map(\.writer)
        return Field(description: description) { root, line in
            line.append(UInt8(ascii: "["))
            var isFirst = true
            for child in children(root) {
                if !isFirst { line.append(UInt8(ascii: ",")) }
                isFirst = false
                writers.append(child, to: &line)
            }
            line.append(UInt8(ascii: "]"))
        }
    }
}

/// The part of a field that writing needs, apart from the words for readers: it is copied for
/// each key of each record.
struct FieldWriter<Root>: Sendable {
    /// A comma and the key with its colon, ready to be copied.
    let key: [UInt8]
    /// Appends the value.
    let appendValue: @Sendable (Root, inout [UInt8]) -> Void
}

extension Array {
    /// Appends a JSON object of `root`: every field, in this order.
    func append<Root>(_ root: Root, to line: inout [UInt8]) where Element == FieldWriter<Root> {
        let start = line.count
        for index in indices {
            line.append(contentsOf: self[index].key)
            self[index].appendValue(root, &line)
        }
        // The first key's comma is where the object opens.
        if line.count == start { line.append(UInt8(ascii: "{")) } else { line[start] = 0x7B }
        line.append(UInt8(ascii: "}"))
    }
}
