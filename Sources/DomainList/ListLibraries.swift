internal import CIdn2
internal import CLzma
internal import CZlib
internal import CZstd

/// The libraries by which lists and record files are decompressed, and names become ASCII.
public enum ListLibraries {
    /// Such as `zstd/1.5.4`, one for each.
    public static var versions: [String] {
        let versions = unsafe [
            ("zlib/", zlibVersion()), ("liblzma/", lzma_version_string()),
            ("zstd/", ZSTD_versionString()), ("libidn2/", idn2_check_version(nil)),
        ]
        return unsafe versions.compactMap { name, version in
            unsafe version.map { unsafe name + String(cString: $0) }
        }
    }
}
