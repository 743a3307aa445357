//! See [`gomod_fuzz::list`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gomod_fuzz::list(data));

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    gomod_fuzz::replay(gomod_fuzz::list)
}
