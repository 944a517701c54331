/// One key of a record: what readers are told of it and how it is written, in one declaration, so
/// that order, type and documentation cannot drift apart.
public struct Field<Root>: Sendable {
    /// What readers are told.
    public let description: FieldDescription
    /// Makes what writes it, a comma, the key and the value: each encoder has its own.
    let makeWriter: @Sendable () -> FieldWriter<Root>

    init(
        description: FieldDescription, makeWriter: @escaping @Sendable () -> FieldWriter<Root>
    ) {
        self.description = description
        self.makeWriter = makeWriter
    }

    /// A field whose type is that of the Swift value.
    public init<Value: FieldValue>(
        _ name: String, _ meaning: String, _ source: String,
        _ value: @escaping @Sendable (Root) -> Value
    ) {
        description = FieldDescription(
            name: name, type: Value.fieldType, isNullable: Value.isNullable, meaning: meaning,
            source: source)
        let key = Self.key(name)
        makeWriter = {
            FieldWriter { root, line in
                line.append(key.span)
                value(root).appendJSON(to: &line)
            }
        }
    }

    /// A comma and the key with its colon, ready to be copied.
    private static func key(_ name: String) -> [UInt8] { Array(",\"\(name)\":".utf8) }

    /// An object of `fields`, null where there is no child.
    public static func object<Child>(
        _ name: String, _ meaning: String, _ source: String, _ fields: [Field<Child>],
        _ child: @escaping @Sendable (Root) -> Child?
    ) -> Field {
        let description = FieldDescription(
            name: name, type: .object(fields.map(\.description)), isNullable: true,
            meaning: meaning, source: source)
        let key = key(name)
        return Field(description: description) {
            let object = FieldWriter.object(fields)
            return FieldWriter { root, line in
                line.append(key.span)
                guard let child = child(root) else { return line.appendNull() }
                object.append(child, &line)
            }
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
        let key = key(name)
        return Field(description: description) {
            let object = FieldWriter.object(fields)
            return FieldWriter { root, line in
                line.append(key.span)
                guard isPresent(root) else { return line.appendNull() }
                object.append(root, &line)
            }
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
        let key = key(name)
        return Field(description: description) {
            let object = FieldWriter.object(fields)
            return FieldWriter { root, line in
                line.append(key.span)
                line.append(UInt8(ascii: "["))
                var isFirst = true
                for child in children(root) {
                    if !isFirst { line.append(UInt8(ascii: ",")) }
                    isFirst = false
                    object.append(child, &line)
                }
                line.append(UInt8(ascii: "]"))
            }
        }
    }
}
