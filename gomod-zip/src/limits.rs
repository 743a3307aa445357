use crate::FileReason;

/// The largest module zip, in bytes: 500 MiB. A zip of exactly this size is valid.
///
/// It limits the zip file and, independently, the sum of the sizes that the zip declares for its files.
/// As `MaxZipFile` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#pkg-constants).
#[doc(alias = "MaxZipFile")]
pub const MAX_ZIP_FILE: u64 = 500 << 20;

/// The largest `go.mod` file in the module's root, in bytes: 16 MiB. A file of exactly this size is valid.
///
/// As `MaxGoMod` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#pkg-constants).
#[doc(alias = "MaxGoMod")]
pub const MAX_GO_MOD: u64 = 16 << 20;

/// The largest `LICENSE` file in the module's root, in bytes: 16 MiB. A file of exactly this size is valid.
///
/// As `MaxLICENSE` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#pkg-constants).
#[doc(alias = "MaxLICENSE")]
pub const MAX_LICENSE: u64 = 16 << 20;

/// The most directories that the names in one zip may mention: 1,000,000.
///
/// Go has no such limit. A name of 65,535 bytes can mention 32,767 directories, so that without it the memory
/// needed to find collisions is many times the size of the zip.
pub const MAX_DIRECTORIES: usize = 1_000_000;

/// The sum of sizes, unless it exceeds what all files together may have.
pub(crate) fn add_size(total: u64, size: u64) -> Option<u64> {
    total.checked_add(size).filter(|sum| *sum <= MAX_ZIP_FILE)
}

/// Go holds a size as a signed number, so that one of 2^63 or more passes here; the sum has refused it.
pub(crate) fn check_size(path: &str, size: u64) -> Result<(), FileReason> {
    let exceeds = |limit| size > limit && i64::try_from(size).is_ok();
    match path {
        "go.mod" if exceeds(MAX_GO_MOD) => Err(FileReason::GoModTooLarge),
        "LICENSE" if exceeds(MAX_LICENSE) => Err(FileReason::LicenseTooLarge),
        _ => Ok(()),
    }
}
