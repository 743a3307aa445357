//! What waits for the disk is done beside the thread on which all requests and modules go on, and no zip is read more often
//! than it is hashed and extracted.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a broken fixture should stop the test")]

use std::fs;
use std::num::NonZeroUsize;

use gomod_cache::{CacheFile, ModCache};
use gomod_module::{GoEnv, ModuleVersion};
use gomod_proxy_client::{GoProxy, ProxyClient};
use gomod_sum::{FileHash, GoSum};
use gomod_testkit::{LoopbackProxy, ModuleTree, remove_tree};
use support::database::DialError;
use support::install::Installer;
use support::progress::Progress;
use support::sums::Sums;
use support::workers::Workers;

const SIZE: u64 = 8 << 20;
/// Far more than what requests are: the answers come from sockets, which are not counted.
const LITTLE: u64 = SIZE / 8;

/// Bytes that were read from files, and written, as the kernel counts them.
fn io(of: &str) -> Option<(u64, u64)> {
    let text = fs::read_to_string(format!("/proc/{of}/io")).ok()?;
    let field = |name| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    Some((field("rchar:")?, field("wchar:")?))
}

/// A go.mod and a zip that are large, and do not get smaller by compression.
fn tree() -> ModuleTree {
    let mut state = 1_u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_le_bytes()[7]
    };
    let noise: Vec<u8> = (0..SIZE).map(|_| byte()).collect();
    let mut go_mod = b"module x.y/m\n".to_vec();
    go_mod.extend(b"// line\n".repeat(usize::try_from(SIZE / 4 / 8).unwrap()));
    ModuleTree::new().module("x.y/m", "v1.0.0", &[("go.mod", &go_mod), ("noise", &noise)])
}

/// Alone in its process, because that is what is counted.
#[test]
fn the_disk_is_left_to_other_threads_and_read_no_more_than_needed() {
    if io("thread-self").is_none() {
        eprintln!("SKIP: this kernel does not count what a thread reads and writes");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let proxy = LoopbackProxy::serve(tree());
    let client = ProxyClient::builder(GoProxy::parse(&proxy.url()).unwrap()).build().unwrap();
    let cache = ModCache::new(dir.path()).unwrap();
    let env = GoEnv::resolve("linux", &|name| (name == "GOSUMDB").then(|| "off".into()), None, None);
    let sums = Sums::new(GoSum::default()).or_database(&env, Err(DialError::NoGoPath), true);
    let installer = |digests| {
        let workers = Workers::new(NonZeroUsize::MIN);
        Installer::new(client.clone(), cache.clone(), sums.clone(), workers, Progress::new(true))
            .digests(digests)
    };
    let module: ModuleVersion = "x.y/m@v1.0.0".parse().unwrap();
    let zip = cache.entry(&module).path(CacheFile::Zip);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    // Fetched, and then there already: in the second run the digest is all that needs the zip.
    let mut read = [0; 2];
    for (read, moment) in read.iter_mut().zip(["fetched", "cached"]) {
        let installer = installer(true);
        let (before, all_before) = (io("thread-self").unwrap(), io("self").unwrap());
        let ended = runtime.block_on(installer.module(module.clone(), Vec::new()));
        let (after, all_after) = (io("thread-self").unwrap(), io("self").unwrap());
        assert!(ended.failure.is_none(), "{moment}: {:?}", ended.failure);
        let wanted = FileHash::of(&fs::read(&zip).unwrap()).to_string();
        assert_eq!(ended.zip_sha256, Some(wanted), "{moment}");
        assert!(
            after.0 - before.0 < LITTLE,
            "{moment}: {} bytes read beside all requests",
            after.0 - before.0
        );
        assert!(after.1 - before.1 < LITTLE, "{moment}: {} bytes written there", after.1 - before.1);
        *read = all_after.0 - all_before.0;
    }
    // To be hashed, for its go.mod, and to be extracted.
    assert!(read[0] < 2 * SIZE + SIZE / 2, "{read:?}");
    assert!((SIZE..SIZE + SIZE / 2).contains(&read[1]), "{read:?}");
    remove_tree(dir.path()).unwrap();
}
