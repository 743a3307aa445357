//! Hashes of zips, directories and go.mod files, and go.sum, by size and number of threads: `cargo bench --bench hash`.
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on fails")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gomod_archive::{Archive, Entry, Limits};
use gomod_benches::inputs::{self, inputs};
use gomod_benches::{THREADS, measuring, temporary_directory};
use gomod_module::ModuleVersion;
use gomod_sum::{GoSum, hash_dir, hash_go_mod, hash_zip};
use gomod_zip::{Options, unzip};

fn modules(criterion: &mut Criterion) {
    for input in inputs() {
        let open = || Archive::open(&input.zip[..], &Limits::default()).expect("a zip");
        let bytes = Throughput::Bytes(open().entries().iter().map(Entry::size).sum());
        let mut group = criterion.benchmark_group(format!("hash_zip/{}", input.name));
        group.throughput(bytes.clone()).sample_size(10);
        for threads in THREADS {
            group.bench_function(format!("{threads} threads"), |bencher| {
                bencher.iter(|| hash_zip(&open(), threads).expect("a hash"));
            });
        }
        group.finish();

        let home = temporary_directory().expect("a directory");
        let dir = home.path().join("tree");
        let module = ModuleVersion::parse("example.com/bench", "v1.0.0").expect("a module");
        unzip(&open(), &module, &dir, &Options::new()).expect("a tree");
        let mut group = criterion.benchmark_group(format!("hash_dir/{}", input.name));
        group.throughput(bytes).sample_size(10);
        for threads in THREADS {
            group.bench_function(format!("{threads} threads"), |bencher| {
                bencher.iter(|| hash_dir(&dir, "m@v1", threads).expect("a hash"));
            });
        }
    }
}

fn go_mod(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hash_go_mod");
    for requirements in [0, 100, 10_000] {
        let content = inputs::go_mod(requirements);
        group.throughput(Throughput::Bytes(content.len() as u64));
        group.bench_function(format!("{requirements} requirements"), |bencher| {
            bencher.iter(|| hash_go_mod(black_box(content.as_bytes())));
        });
    }
}

fn go_sum(criterion: &mut Criterion) {
    for lines in if measuring() { [2000_u32, 100_000] } else { [2, 20] } {
        let text = inputs::go_sum(lines as usize);
        let sum = GoSum::parse(text.as_bytes()).expect("a go.sum");
        let mut group = criterion.benchmark_group(format!("go.sum of {lines} lines"));
        group.throughput(Throughput::Elements(u64::from(lines))).sample_size(20);
        group.bench_function("parse", |bencher| {
            bencher.iter(|| GoSum::parse(black_box(text.as_bytes())).expect("a go.sum"));
        });
        group.bench_function("find each line", |bencher| {
            let find = |entry: gomod_sum::GoSumLine<'_>| sum.lines(entry.path, entry.version).next();
            bencher.iter(|| sum.entries().filter_map(find).count());
        });
        group.bench_function("write", |bencher| bencher.iter(|| sum.to_go_text()));
    }
}

criterion_group!(benches, modules, go_mod, go_sum);
criterion_main!(benches);
