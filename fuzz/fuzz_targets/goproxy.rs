//! See [`gomod_fuzz::goproxy`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gomod_fuzz::goproxy(data));

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    gomod_fuzz::replay(gomod_fuzz::goproxy)
}
