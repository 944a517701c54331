import Testing

@testable import Scan

@Suite("How long a scan may still take")
struct ForecastTests {
    private func forecast(
        _ size: Forecast.Size?, done: Int, underWay: Int = 0, before: Int = 0,
        elapsed: Int = 10_000, retriesIn: Int? = nil
    ) -> Forecast {
        Forecast(
            size: size, done: done, underWay: underWay, before: before,
            elapsedMilliseconds: elapsed, hasRetries: retriesIn != nil, retriesOverIn: retriesIn,
            retryMilliseconds: 70_000)
    }

    @Test("what has been begun tells how long the rest takes")
    func rate() {
        #expect(forecast(.exact(1000), done: 200, underWay: 50).milliseconds == 30_000)
        #expect(forecast(.estimated(1000), done: 500).milliseconds == 10_000)
    }

    @Test("what was done before a scan was resumed does not count as fast")
    func resumed() {
        #expect(forecast(.exact(1000), done: 600, before: 500).milliseconds == 40_000)
        #expect(forecast(.exact(1000), done: 500, before: 500).milliseconds == nil)
    }

    @Test("the last to fail wait for all their retries")
    func retries() {
        let begun = forecast(.exact(1000), done: 500, retriesIn: 5000)
        #expect(begun.milliseconds == 80_000)
        let waiting = forecast(.exact(1000), done: 982, underWay: 18, retriesIn: 48_000)
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
