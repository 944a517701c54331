import FuzzTargets

/// What takes the inputs.
nonisolated(unsafe) private var target = FuzzTarget.dns

/// Takes the name of the target from the front of the arguments; the others are libFuzzer's.
@_cdecl("LLVMFuzzerInitialize")
public func initialize(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> Int32 {
    guard count.pointee > 1, let text = arguments.pointee[1],
        let named = FuzzTarget(rawValue: String(cString: text))
    else { fatalError("the first argument is one of \(FuzzTarget.allCases.map(\.rawValue))") }
    target = named
    arguments.pointee[1] = arguments.pointee[0]
    arguments.pointee += 1
    count.pointee -= 1
    return 0
}

/// Takes one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func takeInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    target.take(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
}
