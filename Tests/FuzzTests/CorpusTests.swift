import Foundation
import FuzzTargets
import Testing

/// The octets that the fuzzers set out from, or once stumbled over.
private let corpus = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Fuzz/Corpus")

@Suite struct `the corpus` {
    @Test(arguments: FuzzTarget.allCases)
    func `breaks no promise`(target: FuzzTarget) throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: corpus.appending(path: target.rawValue), includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files {
            let octets = [UInt8](try Data(contentsOf: file))
            target.take(octets)
            // Cut short, or with one bit changed, it is another peer's.
            for index in stride(from: 0, to: octets.count, by: max(1, octets.count / 12)) {
                var changed = octets
                changed[index] ^= 1 << UInt8(index & 7)
                target.take(changed)
                target.take(Array(octets[..<index]))
            }
        }
    }
}
