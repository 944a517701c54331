import Testing

@testable import Console

@Suite("The line that says how far a run is")
struct StatusLineTests {
    @Test("what does not fit is left out, from the end")
    func width() {
        let parts = ["12%", "1,000 done", "250/s"]
        #expect(StatusLine.joined(parts, columns: 24) == "12% | 1,000 done | 250/s")
        #expect(StatusLine.joined(parts, columns: 23) == "12% | 1,000 done")
        #expect(StatusLine.joined(parts, columns: 2) == "12%")
        #expect(StatusLine.joined([], columns: 80).isEmpty)
    }

    @Test("durations", arguments: [(12, "12s"), (200, "3m20s"), (7500, "2h05m")])
    func durations(seconds: Int, text: String) { #expect(duration(seconds) == text) }

    @Test("characters that steer a terminal are replaced")
    func visible() { #expect(Message.visible("a\u{1B}[2Jb\u{202E}") == "a\u{FFFD}[2Jb\u{FFFD}") }
}
