internal import COpenSSL
import Glibc
internal import Observations

/// The verification results of chains that one verifier has seen before: a provider's hosts show
/// the same chain, and verification is a quarter of a handshake's work.
///
/// A verdict holds for exactly the same octets, and within the time in which no certificate of the
/// chain begins or ceases to be valid; everything else that it depends on belongs to the verifier.
/// Names are not included. Used on one loop.
final class ChainVerificationCache {
    /// The SHA-256 of each certificate that the peer has shown, the leaf's first.
    typealias Key = [UInt8]

    /// A chain's facts and errors, and for which seconds since 1970 they hold.
    private struct Verdict {
        let certificate: CertificateObservation
        let times: Range<Int>
    }

    /// Longer chains are verified each time.
    private static let lengthLimit = 8
    /// How many seconds a verdict holds at most: OpenSSL's choice among trusted certificates of one
    /// name may change as those begin or cease to be valid.
    private static let secondsLimit = 600
    /// How many verdicts are kept in each of the two halves; the older is given up for room.
    private static let countLimit = 2048

    private var recent: [Key: Verdict] = [:]
    private var older: [Key: Verdict] = [:]

    /// The key of a chain that begins with `leaf`; nil where it has none that identifies it.
    static func key(of chain: OpaquePointer?, leaf: OpaquePointer) -> Key? {
        let count = unsafe copenssl_chain_count(chain)
        guard count > 0, count <= lengthLimit, unsafe copenssl_chain_item(chain, 0) == leaf else {
            return nil
        }
        var key: Key = []
        for index in 0..<count {
            guard
                let digest = unsafe CertificateReader.digest(of: copenssl_chain_item(chain, index))
            else { return nil }
            key += digest
        }
        return key
    }

    /// The facts of a chain, with its errors but for the name's, where they hold now.
    func certificate(of key: Key) -> CertificateObservation? {
        guard let verdict = recent[key] ?? older[key], verdict.times.contains(time(nil)) else {
            return nil
        }
        if recent[key] == nil { keep(verdict, for: key) }
        return verdict.certificate
    }

    /// Keeps the result for the chain in `context`, whose verification began at `start`.
    func keep(
        _ certificate: CertificateObservation, for key: Key, of context: OpaquePointer,
        from start: Int
    ) {
        var end = start + Self.secondsLimit
        unsafe shorten(&end, by: X509_STORE_CTX_get0_chain(context), from: start)
        unsafe shorten(&end, by: X509_STORE_CTX_get0_untrusted(context), from: start)
        keep(Verdict(certificate: certificate, times: start..<end), for: key)
    }

    /// Ends what is kept where a certificate of the chain begins or ends to be valid.
    private func shorten(_ end: inout Int, by chain: OpaquePointer?, from start: Int) {
        for index in unsafe 0..<max(0, copenssl_chain_count(chain)) {
            let member = unsafe copenssl_chain_item(chain, index)
            for change in unsafe CertificateReader.validity(of: member) where change > start {
                end = min(end, change)
            }
        }
    }

    private func keep(_ verdict: Verdict, for key: Key) {
        if recent.count >= Self.countLimit {
            older = recent
            recent = [:]
        }
        recent[key] = verdict
    }
}
