//! A wrong hash is told with what the bytes at hand show about its reason, class by class.

use std::fs;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, ModuleZip, Rule};

use super::world::{ALPHA, Run, World, database, sum_lines, tree};

fn download(world: &World, proxy: &str) -> Run {
    world.run(proxy, &["--project", "project", "--retries", "none"])
}

const GO_MOD: &str = "module example.com/alpha\n\ngo 1.20\n";

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let zip = ModuleZip::new("example.com/alpha", "v1.0.0").file("go.mod", GO_MOD);
    files.iter().fold(zip, |zip, (name, data)| zip.file(name, *data)).build()
}

#[test]
fn what_came_in_place_of_a_go_mod_file_is_named() {
    for (content, words) in [
        (b"<!DOCTYPE html><title>Sign in</title>".as_slice(), "HTML"),
        (b"{\"errors\":[]}", "JSON"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"", "empty go.mod file"),
        (b"version https://git-lfs.github.com/spec/v1\n", "git-lfs"),
        (b"module example.com/alpha\r\n\r\ngo 1.20\r\n", "CRLF line endings become LF"),
        (b"\xef\xbb\xbfmodule example.com/alpha\n\ngo 1.20\n", "byte order mark"),
    ] {
        let fault = Fault::Body(content.to_vec());
        let rule = Rule::new(Endpoint::Mod, fault).module("example.com/alpha");
        let proxy = LoopbackProxy::builder(tree()).rule(rule).start();
        // By go.sum.
        let world = World::new();
        let run = download(&world, &proxy.url()).expect(1);
        run.says(&[words]);
        assert!(!run.stderr.contains("the line of go.sum is wrong"), "{}", run.stderr);
        // By the checksum database.
        let world = World::new();
        world.write("go.sum", "");
        let database = database();
        let rule = Rule::new(Endpoint::Mod, Fault::Body(content.to_vec())).module("example.com/alpha");
        let proxy = LoopbackProxy::builder(tree()).proxied_database(&database).rule(rule).start();
        let mut command = world.command(&proxy.url(), &["--project", "project", "--retries", "none"]);
        command.env("GOSUMDB", database.key());
        let run = Run::of(command).expect(1);
        run.says(&[words]);
        assert!(!run.stderr.contains("was edited"), "{}", run.stderr);
        // In the cache.
        let world = World::new();
        let file = world.entry(ALPHA).path(CacheFile::Mod);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, content).unwrap();
        let proxy = LoopbackProxy::serve(tree());
        download(&world, &proxy.url())
            .expect(1)
            .says(&[words, &format!("next: move {} away", file.display())]);
        fs::remove_file(&file).unwrap();
        download(&world, &proxy.url()).expect(0);
    }
}

/// A zip with pointers where go.sum was made from the files, and the other way round; line endings of one file.
#[test]
fn what_makes_two_zips_of_one_version_differ_is_named() {
    let picture: Vec<u8> = (0..=255).cycle().take(5120).collect();
    let sha256 = *gomod_sum::FileHash::of(&picture).digest();
    let pointer = gomod_module::LfsPointer { sha256, size: picture.len() as u64 }.to_text();
    let attributes: (&str, &[u8]) = (".gitattributes", b"*.png filter=lfs\nversion.txt export-subst\n");
    let (file, lfs) =
        (zip(&[attributes, ("logo.png", &picture)]), zip(&[attributes, ("logo.png", pointer.as_bytes())]));
    let text =
        |ending: &str| zip(&[("a.txt", format!("1{ending}2{ending}").as_bytes()), ("b.bin", b"\0\r\n")]);
    let version = |text: &[u8]| zip(&[attributes, ("version.txt", text)]);
    for (right, wrong, words) in [
        (&file, &lfs, "the zip that came has git-lfs pointers in place of logo.png"),
        (&lfs, &file, "the recorded hash is that of a zip with git-lfs pointers in place of logo.png"),
        (&text("\n"), &text("\r\n"), "CRLF line endings"),
        (&version(b"$Format:%H$\n"), &version(b"01234\n"), "version.txt is marked export-subst"),
    ] {
        let with = |zip: &[u8]| tree().version("example.com/alpha", "v1.0.0", GO_MOD.as_bytes(), zip);
        let world = World::new();
        let sums = [super::world::BETA, ALPHA].map(|module| sum_lines(&with(right), module)).concat();
        world.write("go.sum", &sums);
        let proxy = LoopbackProxy::serve(with(wrong));
        download(&world, &proxy.url()).expect(1).says(&["finding: ", words]);
        world.assert_without_zip(ALPHA);
    }
}

/// One page in place of forty files is one fault, told once.
#[test]
fn one_page_for_many_modules_is_one_fault() {
    let path = |n: usize| format!("example.com/m{n:02}");
    let modules = (0..40).fold(ModuleTree::new(), |tree, n| {
        let go_mod = format!("module {}\n\ngo 1.20\n", path(n));
        tree.module(&path(n), "v1.0.0", &[("go.mod", go_mod.as_bytes()), ("a.go", b"package a\n")])
    });
    let world = World::new();
    let requires: String = (0..40).flat_map(|n| ["\t".to_owned(), path(n), " v1.0.0\n".to_owned()]).collect();
    world.write("go.mod", &format!("module example.com/main\n\ngo 1.22\n\nrequire (\n{requires})\n"));
    let sums: String = (0..40).map(|n| sum_lines(&modules, &format!("{}@v1.0.0", path(n)))).collect();
    world.write("go.sum", &sums);
    let page = Fault::Body(b"module example.com/page\n".to_vec());
    let proxy = LoopbackProxy::builder(modules).rule(Rule::new(Endpoint::Mod, page)).start();
    let run = download(&world, &proxy.url()).expect(1);
    let errors = run.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert!((2..=3).contains(&errors), "{}", run.stderr);
    run.says(&["one fault: the bytes that came for ", "39 more modules", "40 failed"]);
    assert_eq!(run.stderr.matches("next: ").count(), 1, "{}", run.stderr);
}
