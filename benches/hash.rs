//! Hashes of zips and go.mod files, and go.sum: `cargo bench --bench hash`.
#![expect(clippy::expect_used, reason = "a benchmark that cannot go on fails")]

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gomod_archive::{Archive, Entry, Limits};
use gomod_benches::{THREADS, inputs};
use gomod_sum::{FileHash, GoSum, hash_go_mod, hash_zip};

fn zips(criterion: &mut Criterion) {
    for input in inputs() {
        let open = || Archive::open(&input.zip[..], &Limits::default()).expect("a zip");
        let bytes = open().entries().iter().map(Entry::size).sum();
        let mut group = criterion.benchmark_group(format!("hash_zip/{}", input.name));
        group.throughput(Throughput::Bytes(bytes)).sample_size(10);
        for threads in THREADS {
            group.bench_function(format!("{threads} threads"), |bencher| {
                bencher.iter(|| hash_zip(&open(), threads).expect("a hash"));
            });
        }
    }
}

fn go_mod(criterion: &mut Criterion) {
    let content = "\texample.com/some/module v1.2.3\n".repeat(100);
    criterion
        .bench_function("hash_go_mod", |bencher| bencher.iter(|| hash_go_mod(black_box(content.as_bytes()))));
}

fn go_sum(criterion: &mut Criterion) {
    let mut text = String::new();
    for i in 0_u32..1000 {
        let h1 = hash_go_mod(FileHash::of(&i.to_le_bytes()).digest());
        let key = format!("example.com/owner{}/module{i} v1.{}.0", i % 37, i % 11);
        writeln!(text, "{key} {h1}\n{key}/go.mod {h1}").expect("a string");
    }
    let mut group = criterion.benchmark_group("go.sum of 2000 lines");
    group.bench_function("parse", |bencher| {
        bencher.iter(|| GoSum::parse(black_box(text.as_bytes())).expect("a go.sum"));
    });
    let sum = GoSum::parse(text.as_bytes()).expect("a go.sum");
    group.throughput(Throughput::Elements(2000)).bench_function("find each line", |bencher| {
        bencher
            .iter(|| sum.entries().filter_map(|entry| sum.lines(entry.path, entry.version).next()).count());
    });
    group.bench_function("write", |bencher| bencher.iter(|| sum.to_go_text()));
}

criterion_group!(benches, zips, go_mod, go_sum);
criterion_main!(benches);
