import Judgement
import RecordReading
import Testing

struct WordsTests {
    @Test("Every word of a vocabulary is found, and no other")
    func vocabulary() throws {
        let words = EnumTable<STSRecordStatus>()
        let parser = JSONParser()
        for word in STSRecordStatus.allCases {
            try parser.withValue(of: "\"\(word.rawValue)\"".utf8) { #expect(words[$0] == word) }
        }
        for text in [
            "\"\"", "\"o\"", "\"okk\"", "\"OK\"", "\"ok\\u0000\"", "null", "1", "[\"ok\"]",
        ] {
            try parser.withValue(of: text.utf8) { #expect(words[$0] == nil) }
        }
        #expect(words[nil] == nil)
    }

    @Test("A table without words finds none")
    func empty() {
        let table = StringTable([])
        Array("x".utf8).withUnsafeBufferPointer { #expect(table[$0] == nil) }
    }
}
