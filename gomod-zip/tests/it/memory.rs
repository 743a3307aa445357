//! Law: memory is bounded by the limits, whatever the names in a zip are.

use gomod_archive::{Archive, Limits};
use gomod_module::ModuleVersion;
use gomod_testkit::ModuleZip;
use gomod_zip::check_zip;
#[cfg(target_os = "linux")]
use gomod_zip::{Options, UnzipError, unzip};

fn module() -> ModuleVersion {
    ModuleVersion::parse("x.y/m", "v1.0.0").unwrap()
}

/// The most memory that is in use at a time, in bytes.
fn peak(run: impl FnOnce()) -> u64 {
    allocation_counter::measure(run).bytes_max
}

/// Many of a kind, one more than a table that doubles has room for.
fn many(name: impl Fn(usize) -> String) -> Vec<String> {
    (0..=1 << 14).map(name).collect()
}

fn few(name: impl Fn(usize) -> String) -> Vec<String> {
    (0..14).map(name).collect()
}

#[test]
fn checking() {
    const PREFIX: &str = "x.y/m@v1.0.0/";
    let shapes = [
        ("files", many(|i| format!("{PREFIX}{i}")), 0),
        ("foreign", many(|i| i.to_string()), 0),
        ("nameless", many(|_| String::new()), 0),
        ("twice", many(|_| format!("{PREFIX}a")), 0),
        ("directories", many(|i| format!("{PREFIX}{i}/{i}")), (1 << 14) + 1),
        ("long", few(|i| format!("{PREFIX}{i}{}", "Long".repeat(10_000))), 0),
        ("case", few(|i| format!("{PREFIX}{}", ["k", "K", "\u{212a}"][i % 3].repeat(20_000))), 0),
        ("invalid", few(|i| format!("{PREFIX}{i}{}", ":".repeat(60_000))), 0),
        ("deep", few(|i| format!("{PREFIX}{i}{}", "/a".repeat(2048))), 14 * 2049),
        ("deep case", few(|i| format!("{PREFIX}{i}{}", "/A".repeat(2048))), 14 * 2049),
    ];
    for (shape, names, directories) in shapes {
        let size: usize = names.iter().map(|name| 46 + name.len()).sum();
        let zip =
            names.into_iter().fold(ModuleZip::new("x.y/m", "v1.0.0"), |zip, name| zip.raw_name(name, ""));
        let zip = zip.build();
        let used = peak(|| {
            let archive = Archive::open(zip.as_slice(), &Limits::default()).unwrap();
            let _ = check_zip(&archive, &module());
        });
        let bound = 10 * size + 600 * directories;
        assert!(used <= bound as u64, "{shape}: {used}, more than {bound}");
    }
}

/// Directories in directories have paths that together are a thousand times as long as the names in the zip.
#[cfg(target_os = "linux")]
#[test]
fn extracting_deep_directories() {
    const DEPTH: usize = 1500;
    let root = tempfile::tempdir().unwrap();
    let zip = ModuleZip::new("x.y/m", "v1.0.0").file(&format!("{}x", "a/".repeat(DEPTH)), "text");
    let mut zip = zip.file("x", "damaged").stored().build();
    let at = zip.windows(7).position(|window| window == b"damaged").unwrap();
    zip[at] ^= 1;
    let archive = Archive::open(zip, &Limits::default()).unwrap();
    let used = peak(|| {
        let error = unzip(&archive, &module(), &root.path().join("new"), &Options::new()).unwrap_err();
        assert!(matches!(&error, UnzipError::Read { path, .. } if path == "x"), "{error:?}");
    });
    assert!(used < 700 * DEPTH as u64, "{used}");
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 0, "something is left");
}
