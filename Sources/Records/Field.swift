/// One key of a record: its description for readers and how it is written, in one declaration, so
/// that order, type and documentation cannot drift apart.
public struct Field<Root>: Sendable {
    /// The description for readers.
    public let description: FieldDescription
    /// Makes its writer, which writes a comma, the key and the value: each encoder has its own.
    ///
    /// Nil where the writer of a field before it writes it too.
    let makeWriter: @Sendable () -> FieldWriter<Root>?

    init(
        description: FieldDescription, makeWriter: @escaping @Sendable () -> FieldWriter<Root>?
    ) {
        self.description = description
        self.makeWriter = makeWriter
    }

    /// A field whose type is that of the Swift value.
    ///
    /// Always inlined where a field is declared, so that how its value is found becomes part of the
    /// function that writes it.
    @inline(__always)
    public init<Value: FieldValue>(
        _ name: String, _ meaning: String, _ source: String,
        _ value: @escaping @Sendable (Root) -> Value
    ) {
        let description = FieldDescription(
            name: name, type: Value.fieldType, isNullable: Value.isNullable, meaning: meaning,
            source: source)
        self.init(description) { root, key, line in value(root).append(after: key, to: &line) }
    }

    /// The same field, which records have since a version of the schema.
    package func since(_ version: Int) -> Field {
        var description = description
        description.since = version
        return Field(description: description, makeWriter: makeWriter)
    }

    private init(
        _ description: FieldDescription,
        append: @escaping @Sendable (Root, FieldKey, inout LineBuffer) -> Void
    ) {
        let key = FieldKey(description.name)
        self.init(description: description) {
            FieldWriter { root, line in append(root, key, &line) }
        }
    }

    /// A field that has the same value in each record.
    static func constant<Value: FieldValue>(
        _ name: String, _ meaning: String, _ source: String, _ value: Value
    ) -> Field {
        var json = LineBuffer()
        value.appendJSON(to: &json)
        let octets = FieldKey(name).octets + json.text.utf8
        let description = FieldDescription(
            name: name, type: Value.fieldType, isNullable: Value.isNullable, meaning: meaning,
            source: source)
        return Field(description: description) {
            FieldWriter { _, line in line.append(octets.span) }
        }
    }

    /// An object of `fields`, null where there is no child.
    @inline(__always)
    public static func object<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        _ child: @escaping @Sendable (Root) -> Child?
    ) -> Field {
        object(name, meaning, source, fields) { root, key, object, line in
            guard let child = child(root) else { return line.append(key.null.span) }
            line.append(key.octets.span)
            object.append(child, &line)
        }
    }

    private static func object<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        append: @escaping @Sendable (Root, FieldKey, FieldWriter<Child>, inout LineBuffer) -> Void
    ) -> Field {
        let description = FieldDescription(
            name: name, type: .object(fields.map(\.description)), isNullable: true,
            meaning: meaning, source: source)
        let key = FieldKey(name)
        return Field(description: description) {
            let object = FieldWriter.object(fields)
            return FieldWriter { root, line in append(root, key, object, &line) }
        }
    }

    /// An array of objects of `fields`.
    public static func objects<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        _ children: @escaping @Sendable (Root) -> [Child]
    ) -> Field {
        array(name, meaning, source, fields, of: children) { FieldWriter.object(fields) }
    }

    /// An array of objects of `fields`, one for each element that has a child.
    static func objects<Element, Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        of elements: @escaping @Sendable (Root) -> [Element],
        _ child: @escaping @Sendable (Element) -> Child?
    ) -> Field {
        array(name, meaning, source, fields, of: elements) {
            let object = FieldWriter.object(fields)
            return FieldWriter { element, line in
                if let child = child(element) { object.append(child, &line) }
            }
        }
    }

    private static func array<Element, Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        of elements: @escaping @Sendable (Root) -> [Element],
        _ makeWriter: @escaping @Sendable () -> FieldWriter<Element>
    ) -> Field {
        let description = FieldDescription(
            name: name, type: .array(.object(fields.map(\.description))), isNullable: false,
            meaning: meaning, source: source)
        let key = FieldKey(name)
        return Field(description: description) {
            let object = makeWriter()
            return FieldWriter { root, line in
                line.append(key.array.span)
                let start = line.count
                let elements = elements(root)
                // A span lends its elements, an iterator would copy each.
                let span = elements.span
                for index in span.indices {
                    let end = line.count
                    object.append(span[index], &line)
                    if line.count > end { line.append(UInt8(ascii: ",")) }
                }
                // The last one's comma is where the array closes.
                if line.count == start { line.append(UInt8(ascii: "]")) }
                line.replace(at: line.count - 1, with: UInt8(ascii: "]"))
            }
        }
    }

    /// An array of objects of `fields`, null where there is none.
    static func nullableObjects<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        _ children: @escaping @Sendable (Root) -> [Child]?
    ) -> Field {
        let array = objects(name, meaning, source, fields) { children($0) ?? [] }
        let description = FieldDescription(
            name: name, type: array.description.type, isNullable: true, meaning: meaning,
            source: source)
        let key = FieldKey(name)
        return Field(description: description) {
            let writer = array.makeWriter()
            return FieldWriter { root, line in
                guard children(root) != nil else { return line.append(key.null.span) }
                writer?.append(root, &line)
            }
        }
    }
}
