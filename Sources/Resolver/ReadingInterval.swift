/// When the answers at a socket are read: when they come, or at intervals of some milliseconds.
///
/// Where a resolver is no faster than the loop, each answer would wake the loop, which takes
/// several times as long for it as for one of many. So while many questions are out, answers wait
/// for each other. Pure: time is none of it.
struct ReadingInterval {
    /// Whether answers are read at intervals now.
    private(set) var isOn = false
    private var milliseconds = 1

    /// While so many questions are out, answers wait for each other.
    static let outMin = 32
    /// How long they wait at the most, in milliseconds.
    static let millisecondsMax = 8
    /// One of so many questions is answered in an interval, or one of twice as many: by Little's
    /// law the interval is less than a thirtieth of what they take on average, or the shortest.
    private static let answeredShare = 32

    /// After so many answers were read, which of so many questions that were out left so many:
    /// in how many milliseconds to read again, or nil where the next answer is to wake the loop.
    mutating func next(afterReading answers: Int, of out: Int, left: Int) -> Int? {
        // Where none comes for long, the next one wakes the loop again.
        let isStill = isOn && answers == 0 && milliseconds == Self.millisecondsMax
        if isOn { set(answers: answers, of: out) }
        isOn = left >= Self.outMin && !isStill
        return isOn ? milliseconds : nil
    }

    private mutating func set(answers: Int, of out: Int) {
        if answers * Self.answeredShare > out {
            milliseconds = max(1, milliseconds / 2)
        } else if answers * Self.answeredShare * 2 < out {
            milliseconds = min(Self.millisecondsMax, milliseconds * 2)
        }
    }
}
