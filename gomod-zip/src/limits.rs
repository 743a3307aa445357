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
