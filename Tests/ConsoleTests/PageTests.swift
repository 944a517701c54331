import Testing

@testable import Console

@Suite("Text laid out for people")
struct PageTests {
    @Test("lines are broken between words, and words that are too long where they must")
    func words() {
        #expect(Page.wrapped("one two three", 7) == ["one two", "three"])
        #expect(Page.wrapped("a incomprehensible b", 8) == ["a", "incompre", "hensible", "b"])
        #expect(Page.wrapped("", 8) == [""])
    }

    @Test("what stands in quotation marks stays on one line")
    func quotations() {
        #expect(
            Page.wrapped("Write it as \"v=STSv1; id=1\", and wait.", 18)
                == ["Write it as", "\"v=STSv1; id=1\",", "and wait."])
        #expect(Page.wrapped("say \"MX 0 .\"", 9) == ["say", "\"MX 0 .\""])
        #expect(Page.wrapped("\"a b\" \"c d\" e", 11) == ["\"a b\" \"c d\"", "e"])
    }

    @Test("one that is longer than a line is broken between its words")
    func longQuotations() {
        #expect(Page.wrapped("as \"v=STSv1; id=1\".", 12) == ["as \"v=STSv1;", "id=1\"."])
        #expect(Page.wrapped("5\" of rain fell here", 9) == ["5\" of", "rain fell", "here"])
    }
}
