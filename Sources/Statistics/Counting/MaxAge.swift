internal import MTASTS

/// A valid policy's max_age and mode.
struct MaxAge: GroupKey {
    /// The max_age in seconds (RFC 8461 §3.2).
    var seconds: Int
    var mode: Mode

    var isKept: Bool { false }
}

/// How long policies are to be kept, in steps that advice and lists draw lines at.
enum MaxAgeBucket: String, CaseIterable, Hashable, Sendable {
    case zero = "0"
    case underDay = "1-86399"
    case underWeek = "86400-604799"
    case underTwoWeeks = "604800-1209599"
    case underMonth = "1209600-2591999"
    /// Below the 18 weeks that the STARTTLS Everywhere list required.
    case underEighteenWeeks = "2592000-10886399"
    case underYear = "10886400-31535999"
    case year = "31536000-31557600"

    init(_ seconds: Int) {
        switch seconds {
        case ..<1: self = .zero
        case ..<86_400: self = .underDay
        case ..<604_800: self = .underWeek
        case ..<1_209_600: self = .underTwoWeeks
        case ..<2_592_000: self = .underMonth
        case ..<10_886_400: self = .underEighteenWeeks
        case ..<31_536_000: self = .underYear
        default: self = .year
        }
    }

    /// The bucket as text.
    var words: String {
        switch self {
        case .zero: "0"
        case .underDay: "under a day"
        case .underWeek: "a day to a week"
        case .underTwoWeeks: "a week to 2 weeks"
        case .underMonth: "2 weeks to 30 days"
        case .underEighteenWeeks: "30 days to 18 weeks"
        case .underYear: "18 weeks to a year"
        case .year: "a year"
        }
    }
}

/// A bucket and a mode.
struct MaxAgeCell: Hashable, Sendable {
    var bucket: MaxAgeBucket
    var mode: Mode

    init(_ maxAge: MaxAge) {
        bucket = MaxAgeBucket(maxAge.seconds)
        mode = maxAge.mode
    }
}
