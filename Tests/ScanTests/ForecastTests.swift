import Testing

@testable import Scan

@Suite("How long a scan may still take")
struct ForecastTests {
    private func forecast(
        _ size: Forecast.Size?, done: Int, underWay: Int = 0, waiting: Int = 0, rate: Int = 20,
        retriesIn: Int? = nil
    ) -> Forecast {
        Forecast(
            size: size, done: done, underWay: underWay, waiting: waiting,
            rate: rate > 0 ? .init(entries: 10 * rate, milliseconds: 10_000) : nil,
            elapsedMilliseconds: 20_000, hasRetries: retriesIn != nil, retriesOverIn: retriesIn,
            retryMilliseconds: 70_000)
    }

    @Test("the rate tells how long the rest takes")
    func rate() {
        #expect(forecast(.exact(1000), done: 200, waiting: 50).milliseconds == 37_500)
        #expect(forecast(.estimated(1000), done: 500).milliseconds == 25_000)
        #expect(forecast(.exact(1000), done: 500, rate: 0).milliseconds == nil)
    }

    @Test("what has only been begun is no progress")
    func begun() {
        #expect(forecast(.exact(1000), done: 100, underWay: 500).milliseconds == 45_000)
        #expect(forecast(.exact(1000), done: 0, underWay: 1000).milliseconds == nil)
    }

    @Test("the rate is that of the last half of the time")
    func lastHalf() {
        var finishing = FinishingRate()
        #expect(finishing.recent(10, at: 100) == nil)
        for second in 0...40 { finishing.note(max(0, second - 20) * 50, at: second * 1000) }
        #expect(
            finishing.recent(1000, at: 40_000) == .init(entries: 1000, milliseconds: 20_000))
        #expect(finishing.recent(0, at: 20_000) == nil)
    }

    @Test("samples stay few, and the rate the same, however long a scan takes")
    func manySamples() throws {
        var finishing = FinishingRate()
        for step in 0...100_000 { finishing.note(step * 5, at: step * 250) }
        let stretch = try #require(finishing.recent(500_000, at: 25_000_000))
        #expect(stretch.entries * 50 == stretch.milliseconds)
        #expect((12_000_000...12_500_000).contains(stretch.milliseconds))
    }

    @Test("the last to fail wait for all their retries")
    func retries() {
        let begun = forecast(.exact(1000), done: 500, retriesIn: 5000)
        #expect(begun.milliseconds == 95_000)
        let waiting = forecast(
            .exact(1000), done: 982, underWay: 18, waiting: 18, retriesIn: 48_000)
        #expect(waiting.milliseconds == 48_000)
        #expect(waiting.onlyRetriesAreLeft)
        #expect(!begun.onlyRetriesAreLeft)
    }

    @Test("nothing is foreseen of a pipe, at the beginning, and at the end")
    func unknown() {
        #expect(forecast(nil, done: 10).milliseconds == nil)
        #expect(forecast(nil, done: 10).fraction == nil)
        #expect(forecast(.estimated(100_000), done: 10).milliseconds == nil)
        #expect(forecast(.exact(10), done: 10).milliseconds == nil)
        #expect(forecast(.exact(10), done: 10).fraction == 1)
    }

    @Test("the words of the status line")
    func words() {
        #expect(Progress.progress(forecast(.exact(1000), done: 999)) == "999 of 1,000")
        #expect(
            Progress.progress(forecast(.estimated(1000), done: 9)) == "9 of about 1,000")
        #expect(Progress.progress(forecast(nil, done: 9)) == "9 done")
        var retries = RetryWaits()
        #expect(Progress.retries(retries, forecast(nil, done: 0)) == nil)
        retries.begin(overAt: 48_000)
        let waiting = forecast(.exact(10), done: 9, retriesIn: 48_000)
        #expect(Progress.retries(retries, waiting) == "1 retry in 48s")
        retries.begin(overAt: 40_000)
        #expect(retries.overAt == 48_000)
        #expect(Progress.retries(retries, waiting) == "2 retries in 48s")
        retries.end()
        #expect(retries.count == 1)
        #expect(retries.begun == 2)
    }
}
