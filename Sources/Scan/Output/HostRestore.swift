internal import Archive
internal import Observations
internal import RecordReading

/// Reads back what hosts have shown, so that a resumed scan does not probe them again.
enum HostRestore {
    /// The last hosts of the folder's committed files, as far as domains are judged by them.
    static func hosts(
        in directory: String, files: [CommittedFile], limit: Int
    ) throws(ScanError) -> [HostObservation] {
        let count = files.reduce(0) { $0 + $1.records }
        // What stands behind the committed bytes is not known to be whole.
        let reader = unsafe RecordReader(
            FrameQueue(files.map { ArchiveFile("\(directory)/\($0.name)", bytes: $0.bytes) }))
        var hosts: [HostObservation] = []
        var place = 0
        while let record = reader.next() {
            place += 1
            guard place > count - limit else { continue }
            do throws(ObservationError) {
                hosts.append(try HostObservation(record: record.value).forJudging)
            } catch {
                throw .input("the hosts of \(directory) cannot be read back: \(error)")
            }
        }
        guard place == count, reader.faults.count == 0 else {
            throw .input(
                "the hosts of \(directory) cannot be read back: \(place) of \(count) records are "
                    + "there ('stsurvey verify \(directory)' tells more)")
        }
        return hosts
    }
}
