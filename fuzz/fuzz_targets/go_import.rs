//! See [`gomod_fuzz::go_import`].
#![cfg_attr(fuzzing, no_main)]

#[cfg(fuzzing)]
libfuzzer_sys::fuzz_target!(|data: &[u8]| gomod_fuzz::go_import(data));

#[cfg(not(fuzzing))]
fn main() -> std::io::Result<()> {
    gomod_fuzz::replay(gomod_fuzz::go_import)
}
