public import DNS
public import MTASTS

/// A closed set of words: what can stand in an enumerated field.
public protocol Vocabulary: FieldValue, RawRepresentable, CaseIterable, Hashable, Sendable
where RawValue == String {}

extension Vocabulary {
    /// An enumeration of the raw values.
    public static var fieldType: FieldType { .enumeration(allCases.map(\.rawValue)) }

    /// Appends the word; words of a vocabulary need no escape.
    public func appendJSON(to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\""))
        line.append(contentsOf: rawValue.utf8)
        line.append(UInt8(ascii: "\""))
    }
}

extension LookupStatus: Vocabulary {}
extension ProbeStatus: Vocabulary {}
extension PolicyFetchStatus: Vocabulary {}
extension CertificateError: Vocabulary {}
extension PolicyStatus: Vocabulary {}
extension Mode: Vocabulary {}
extension MXMatch: Vocabulary {}
extension NearMiss: Vocabulary {}
