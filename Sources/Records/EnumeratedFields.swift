public import DNS
public import Findings
public import Judgement
public import MTASTS
public import Observations
public import SMTP

extension DocumentedValue {
    /// Every value with its meaning.
    public static var terms: [Term] {
        allCases.map { Term(word: $0.rawValue, meaning: $0.meaning) }
    }
}

extension FieldValue where Self: DocumentedValue {
    /// An enumeration of the raw values.
    public static var fieldType: FieldType { .enumeration(terms) }

    /// Appends the value, which needs no escape.
    public func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        line.appendRest(rawValue.utf8.span)
    }

    /// Appends the key, then the value.
    public func append(after key: FieldKey, to line: inout LineBuffer) {
        line.append(key.opening.span)
        line.appendRest(rawValue.utf8.span)
    }
}

// What can be the value of an enumerated field.
extension LookupStatus: FieldValue {}
extension LookupInference: FieldValue {}
extension NameRejection: FieldValue {}
extension Mode: FieldValue {}
extension MXMatch: FieldValue {}
extension NearMiss: FieldValue {}
extension PolicyStatus: FieldValue {}
extension Observed: FieldValue {}
extension ReplyDeviation: FieldValue {}
extension PolicySource: FieldValue {}
extension PolicyFetchStatus: FieldValue {}
extension ProbeStatus: FieldValue {}
extension CertificateError: FieldValue {}
extension CertificateStatus: FieldValue {}
extension MXStatus: FieldValue {}
extension STSRecordStatus: FieldValue {}
extension TLSRPTStatus: FieldValue {}
extension TLSRPTResult: FieldValue {}
extension HostDANEStatus: FieldValue {}
extension DANEFailure: FieldValue {}
extension TLSARelation: FieldValue {}
extension DomainDANEStatus: FieldValue {}
extension HostOutcome: FieldValue {}
extension PreloadMode: FieldValue {}
extension Verdict: FieldValue {}
extension VerdictReason: FieldValue {}
extension SurveyFinding.Layer: FieldValue {}
extension SurveyFinding.Severity: FieldValue {}

extension FirstFailure: FieldValue {
    /// An enumeration of all failures.
    public static var fieldType: FieldType {
        .enumeration(allCases.map { Term(word: $0.text, meaning: $0.meaning) })
    }

    /// Appends the layer and the value.
    public func appendJSON(to line: inout LineBuffer) {
        line.append(UInt8(ascii: "\""))
        line.append(layer.rawValue)
        line.append(UInt8(ascii: "."))
        line.append(word)
        line.append(UInt8(ascii: "\""))
    }
}
