import Records
import Testing

@Suite struct timestamps {
    @Test(
        arguments: [
            0, 1, -1, 951_782_400 /* 29 February 2000 */, 951_868_799, 4_107_542_399 /* 2100 */,
            1_795_563_572, 253_402_300_799, -62_167_219_200,
        ] as [Int64])
    func `are read as they are written`(_ seconds: Int64) {
        let text = Timestamp(epochSeconds: seconds).text
        #expect(Timestamp(text.utf8)?.epochSeconds == seconds, "\(text)")
    }

    @Test(arguments: [
        "", "2026-11-24", "2026-11-24T20:00:00", "2026-11-24T20:00:00+00:00",
        "2026-11-24 20:00:00Z", "2026-13-24T20:00:00Z", "2026-00-24T20:00:00Z",
        "2026-11-32T20:00:00Z", "2026-11-24T24:00:00Z", "2026-11-24T20:60:00Z",
        "2026-11-2aT20:00:00Z", "2026-11-24T20:00:00ZZ",
    ])
    func `are read in no other form`(_ text: String) {
        #expect(Timestamp(text.utf8) == nil)
    }
}
