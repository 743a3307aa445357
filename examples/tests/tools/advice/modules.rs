//! What is said of modules, of their files, and of what proves them.

use std::fs;
use std::os::unix::fs::symlink;

use gomod_cache::CacheFile;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleZip, remove_tree};

use super::PROJECT;
use super::scene::Scene;
use crate::download::witness::{other, other_sums};
use crate::download::world::{ALPHA, BETA, Run, database, go_sum, tree};
use crate::verify::put;

const HEAD: &str = "gopath/pkg/sumdb/sum.example.org/latest";

followed! {
    a_go_sum_is_brought_back: "bring back the project's go.sum, or run `go mod tidy` there", |words| {
        let mut scene = Scene::new("download", PROJECT);
        scene.gosumdb = "off".to_owned();
        scene.world.write("go.sum", "");
        scene.advises(words);
        scene.world.write("go.sum", &go_sum());
        scene.is_well();
    };
    a_source_whose_files_belong_together: "ask another source for the same version: the .mod of this one", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::Mod, Fault::Body(b"module example.com/alpha\n\ngo 1.21\n".to_vec()), 0);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_cache_without_a_file_in_the_way: "see what is at {}, or set GOMODCACHE to another directory", |words| {
        let scene = Scene::new("download", PROJECT);
        fs::create_dir(scene.world.cache()).unwrap();
        fs::write(scene.world.cache().join("cache"), "").unwrap();
        scene.advises(words);
        fs::remove_file(scene.world.cache().join("cache")).unwrap();
        scene.is_well();
    };
    a_cache_that_can_be_written: "make the module cache writable, or set GOMODCACHE to another directory", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.cache, "/proc/gomod-cache".into());
        scene.advises(words);
        scene.cache = good;
        scene.is_well();
    };
    another_version: "check path and version, and whether a proxy in GOPROXY can have this module", |words| {
        let mut scene = Scene::unproven("example.com/alpha@v1.9.9");
        scene.advises(words);
        scene.args[0] = ALPHA;
        scene.is_well();
    };
    a_version_that_there_is: "ask for another version: `go list -m -versions", |words| {
        let mut scene = Scene::unproven("example.com/alpha@v7");
        scene.advises(words);
        scene.args[0] = "example.com/alpha@v1";
        scene.is_well();
    };
    a_proxy_in_place_of_off: "GOPROXY=off forbids downloads: name a proxy in GOPROXY", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.goproxy, "off".to_owned());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_proxy_in_place_of_direct: "install git, or name its directory in PATH, {}", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.goproxy, "direct".to_owned());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_source_with_the_bytes_that_everybody_got: "do not build from these bytes: everybody else got others; ask another source", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.of(other(), &database());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_source_with_the_bytes_of_go_sum: "do not build from these bytes: ask another source for the same version and compare", |words| {
        let mut scene = Scene::new("download", PROJECT);
        scene.gosumdb = "off".to_owned();
        let good = scene.goproxy.clone();
        scene.goproxy = scene.of(other(), &database());
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_proxy_that_serves_modules: "the proxy, or something in front of it, does not serve modules", |words| {
        let mut scene = Scene::unproven(ALPHA);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::Info, Fault::Body(b"nonsense".to_vec()), 0);
        scene.advises(words);
        scene.goproxy = format!("{}|{good}", scene.goproxy);
        scene.is_well();
    };
    a_second_source: "try again, or name another proxy in GOPROXY behind `|`", |words| {
        let mut scene = Scene::new("download", PROJECT);
        let good = std::mem::replace(&mut scene.goproxy, LoopbackProxy::refused_url());
        scene.advises(words);
        scene.goproxy = format!("{}|{good}", scene.goproxy);
        scene.is_well();
    };
    a_file_that_is_moved_away: "move {} away and run this again: it will be fetched anew", |words| {
        let scene = Scene::new("download", PROJECT);
        scene.is_well();
        put(&scene.path(CacheFile::Mod), b"module example.com/alpha // mine\n");
        scene.advises(words);
        fs::remove_file(scene.path(CacheFile::Mod)).unwrap();
        scene.is_well();
    };
    a_value_of_gosumdb: "correct that value (`go env -u GOSUMDB`", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        scene.gosumdb = "garbage".to_owned();
        scene.advises(words);
        scene.gosumdb = database().key();
        scene.is_well();
    };
    a_head_that_can_be_read: "make {} readable and writable", |words| {
        let scene = Scene::new("download", &[ALPHA]);
        let head = scene.world.dir().join(HEAD);
        fs::create_dir_all(&head).unwrap();
        scene.advises(words);
        fs::remove_dir(head).unwrap();
        scene.is_well();
    };
    a_head_that_was_damaged: "see whether {} was damaged, or is of another database of this name", |words| {
        let scene = Scene::new("download", &[ALPHA]);
        let head = scene.world.dir().join(HEAD);
        fs::create_dir_all(head.parent().unwrap()).unwrap();
        fs::write(&head, "garbage").unwrap();
        scene.advises(words);
        fs::remove_file(head).unwrap();
        scene.is_well();
    };
    a_proxy_whose_log_goes_with_the_head: "what the server has does not go with the head in {}: ask through another proxy", |words| {
        let mut scene = Scene::new("download", &[BETA]);
        let mut first = scene.world.command(&scene.goproxy, &[ALPHA]);
        Run::of_mut(first.env("GOSUMDB", database().key())).expect(0);
        remove_tree(&scene.world.cache().join("cache/download/sumdb")).unwrap();
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::Body(vec![0; 64]), 1);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_version_that_the_database_knows_later: "may not be known yet: try again later", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let database = database();
        database.roll_back(Some(0));
        scene.goproxy = scene.of(tree(), &database);
        scene.advises(words);
        database.roll_back(None);
        scene.is_well();
    };
    a_proxy_with_the_whole_log: "the server of the database lacks {}, without which nothing it says can be proven", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::status(404), 2);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_database_that_can_be_asked: "or name a proxy in GOPROXY that serves the database below /sumdb/", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::status(500), 0);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    another_way_to_the_database: "what came in the name of the checksum database proves nothing: ask it through another proxy", |words| {
        let mut scene = Scene::new("download", &[ALPHA]);
        let good = scene.goproxy.clone();
        scene.goproxy = scene.ill(Endpoint::SumDb, Fault::Body(b"nonsense".to_vec()), 1);
        scene.advises(words);
        scene.goproxy = good;
        scene.is_well();
    };
    a_line_of_go_sum_that_was_edited: "go.sum is wrong: {}; {}; nothing is replaced", |words| {
        let scene = Scene::verify(PROJECT);
        scene.world.write("go.sum", &go_sum().replace('=', ""));
        scene.advises(words);
        scene.world.write("go.sum", &go_sum());
        scene.is_well();
    };
    a_go_mod_that_its_zip_has: "--repair takes it from its zip, or fetches it anew", |words| {
        let mut scene = Scene::verify(&[]);
        put(&scene.path(CacheFile::Mod), b"<html>Sign in</html>");
        scene.advises(words);
        scene.is_repaired();
    };
    bytes_that_go_sum_contradicts: "do not build from it; --repair fetches it anew", |words| {
        let mut scene = Scene::verify(PROJECT);
        let zip = ModuleZip::new("example.com/alpha", "v1.0.0").file("go.mod", "module example.com/alpha\n");
        put(&scene.path(CacheFile::Zip), &zip.build());
        scene.advises(words);
        scene.is_repaired();
    };
    a_line_that_has_the_hash_of_wrong_bytes: "find out where this line of go.sum comes from, and take it out", |words| {
        let mut scene = Scene::verify(&["--project", "project", "--sumdb"]);
        let wrong = scene.of(other(), &database());
        scene.world.write("go.sum", &other_sums());
        remove_tree(&scene.world.cache()).unwrap();
        scene.world.download(&wrong).expect(0);
        scene.advises(words);
        scene.world.write("go.sum", &go_sum());
        scene.is_repaired();
    };
    bytes_that_the_database_contradicts: "do not build from it: everybody else got other bytes; --repair fetches it anew", |words| {
        let mut scene = Scene::verify(&["--sumdb"]);
        let wrong = scene.of(other(), &database());
        scene.world.write("go.sum", &other_sums());
        remove_tree(&scene.world.cache()).unwrap();
        scene.world.download(&wrong).expect(0);
        scene.advises(words);
        scene.is_repaired();
    };
    a_hash_that_was_lost: "--repair records it again once go.sum has proved the zip", |words| {
        let mut scene = Scene::verify(PROJECT);
        fs::remove_file(scene.path(CacheFile::ZipHash)).unwrap();
        scene.advises(words);
        scene.is_repaired();
    };
    a_tree_that_its_zip_has: "--repair extracts it again from its zip, without network", |words| {
        let mut scene = Scene::verify(&[]);
        put(&scene.world.entry(ALPHA).dir().join("LICENSE"), b"Mine.\n");
        scene.advises(words);
        "off".clone_into(&mut scene.goproxy);
        scene.is_repaired();
    };
    a_page_that_go_sum_records: "take that line out, and let `go mod tidy` record the right one", |words| {
        let mut scene = Scene::verify(PROJECT);
        let (page, sums) = (b"<html>Sign in</html>", go_sum());
        put(&scene.path(CacheFile::Mod), page);
        let line = sums.lines().find(|line| line.starts_with("example.com/alpha v1.0.0/go.mod ")).unwrap();
        let recorded = format!("example.com/alpha v1.0.0/go.mod {}", gomod_sum::hash_go_mod(page));
        scene.world.write("go.sum", &sums.replace(line, &recorded));
        scene.advises(words);
        scene.world.write("go.sum", &sums.replace(line, "").replace("\n\n", "\n"));
        scene.args.push("--repair");
        // The project lacks the line as yet.
        scene.run().says(&["1 repaired"]);
        scene.args.pop();
        let mut command = scene.world.command(&scene.goproxy, &["--project", "project", "--write-sum"]);
        Run::of_mut(command.env("GOSUMDB", database().key())).expect(0);
        scene.is_repaired();
    };
    a_link_that_verify_meets: "put what it leads to in its place, or take it away", |words| {
        let scene = Scene::verify(&[ALPHA]);
        let (place, other) = (scene.world.cache().join("cache/download/example.com"), scene.world.dir().join("other"));
        fs::rename(&place, &other).unwrap();
        symlink(&other, &place).unwrap();
        scene.advises(words);
        fs::remove_file(&place).unwrap();
        fs::rename(&other, &place).unwrap();
        scene.is_well();
    };
    a_link_that_download_meets: "put what it leads to in its place, or take it away", |words| {
        let scene = Scene::new("download", PROJECT);
        let (place, other) = (scene.world.cache().join("cache/download/example.com"), scene.world.dir().join("other"));
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::create_dir(&other).unwrap();
        symlink(&other, &place).unwrap();
        scene.advises(words);
        fs::remove_file(&place).unwrap();
        scene.is_well();
    };
    a_zip_that_is_none: "--repair fetches it anew", |words| {
        let mut scene = Scene::verify(&[]);
        put(&scene.path(CacheFile::Zip), b"no zip");
        scene.advises(words);
        scene.is_repaired();
    };
}
