//! What an advice is given in.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use gomod_cache::CacheFile;
use gomod_testkit::{Certificate, Endpoint, Fault, LoopbackProxy, ModuleTree, Rule, SumDb, remove_tree};

use super::has;
use crate::download::world::{ALPHA, BETA, Run, World, database, go_sum, tree};
use crate::no_room::{Cause, project_that_lacks_a_line};

/// A call that fails, and what it depends on.
pub(super) struct Scene {
    pub(super) world: World,
    pub(super) tool: &'static str,
    pub(super) args: Vec<&'static str>,
    pub(super) goproxy: String,
    pub(super) gosumdb: String,
    pub(super) envs: Vec<(&'static str, String)>,
    pub(super) cache: PathBuf,
    pub(super) proxies: Vec<LoopbackProxy>,
}

impl Scene {
    /// A tool that nothing stands in the way of. The database behind the proxies may be asked.
    pub(super) fn new(tool: &'static str, args: &[&'static str]) -> Self {
        let world = World::new();
        let mut scene = Self {
            cache: world.cache(),
            world,
            tool,
            args: [args, &["--retries", "none"]].concat(),
            goproxy: String::new(),
            gosumdb: database().key(),
            envs: Vec::new(),
            proxies: Vec::new(),
        };
        scene.goproxy = scene.good();
        scene
    }

    /// The same, for a single module that nothing proves.
    pub(super) fn unproven(module: &'static str) -> Self {
        Self { gosumdb: "off".to_owned(), ..Self::new("download", &[module]) }
    }

    /// `verify` of a cache that is full.
    pub(super) fn verify(args: &[&'static str]) -> Self {
        let scene = Self::new("verify", args);
        scene.world.download(&scene.goproxy).expect(0);
        scene
    }

    /// A file that is written in the directory `room`.
    pub(super) fn fetch() -> Self {
        let mut scene = Self::new("zip", &[]);
        let sums = go_sum();
        let line = sums.lines().find(|line| line.starts_with("example.com/alpha v1.0.0 h1:")).unwrap();
        let hash = line.rsplit(' ').next().unwrap().to_owned();
        scene.args.splice(..0, ["fetch", scene.goproxy.clone().leak(), ALPHA, hash.leak(), "room/alpha.zip"]);
        scene
    }

    /// The go.sum of a project in the directory `room` gets a line, with everything else in its place already.
    pub(super) fn write_sum() -> Self {
        let scene = Self::new("download", &["--project", "room", "--write-sum"]);
        scene.world.download(&scene.goproxy).expect(0);
        let mut lookup = scene.world.tool("sumdb", &scene.goproxy, &["lookup", ALPHA, BETA]);
        Run::of_mut(lookup.env("GOSUMDB", &scene.gosumdb)).expect(0);
        let room = scene.world.dir().join("room");
        fs::create_dir(&room).unwrap();
        project_that_lacks_a_line(&scene.world, &room);
        scene
    }

    pub(super) fn serve(&mut self, proxy: LoopbackProxy) -> String {
        self.proxies.push(proxy);
        self.proxies.last().unwrap().url()
    }

    pub(super) fn of(&mut self, tree: ModuleTree, database: &SumDb) -> String {
        self.serve(LoopbackProxy::builder(tree).proxied_database(database).start())
    }

    pub(super) fn good(&mut self) -> String {
        self.of(tree(), &database())
    }

    pub(super) fn ill(&mut self, endpoint: Endpoint, fault: Fault, skip: u64) -> String {
        let rule = Rule::new(endpoint, fault).skip(skip);
        self.serve(LoopbackProxy::builder(tree()).proxied_database(&database()).rule(rule).start())
    }

    /// Fails once, and is well then.
    pub(super) fn ill_once(&mut self, endpoint: Endpoint, fault: Fault) -> String {
        self.serve(LoopbackProxy::builder(tree()).rule(Rule::new(endpoint, fault).times(1)).start())
    }

    /// A server with a certificate that the tool trusts, which refuses so many times.
    pub(super) fn refuses(&mut self, status: u16, times: usize) -> String {
        let rule = Rule::new(Endpoint::Any, Fault::status(status)).times(times);
        let proxy = LoopbackProxy::builder(tree()).tls(Certificate::Good).rule(rule).start();
        let authority = self.world.dir().join("authority.pem");
        fs::write(&authority, proxy.ca_pem().unwrap()).unwrap();
        self.envs.push(("SSL_CERT_FILE", authority.to_str().unwrap().to_owned()));
        self.serve(proxy)
    }

    pub(super) fn netrc(&self, machine: &str) {
        let entry = format!("machine {machine} login me password s3cr3t\n");
        fs::write(self.world.dir().join(".netrc"), entry).unwrap();
    }

    /// A host that is asked through an HTTP proxy.
    pub(super) fn through(proxy: impl FnOnce(&mut Self) -> String) -> Self {
        let mut scene = Self::unproven(ALPHA);
        "http://mirror.example".clone_into(&mut scene.goproxy);
        let proxy = proxy(&mut scene);
        scene.envs.push(("HTTP_PROXY", proxy));
        scene
    }

    /// The HTTP proxy answers for the server, which has nothing.
    pub(super) fn is_through(&mut self, proxy: Option<String>) {
        if let Some(proxy) = proxy {
            self.envs.push(("HTTP_PROXY", proxy));
        }
        let run = self.run().expect(1);
        run.says(&["404 Not Found", "next: check path and version"]);
    }

    pub(super) fn command(&self) -> Command {
        let mut command = self.world.tool(self.tool, &self.goproxy, &self.args);
        command.env("GOSUMDB", &self.gosumdb).env("GOMODCACHE", &self.cache);
        command.envs(self.envs.iter().map(|(name, value)| (name, value)));
        command
    }

    pub(super) fn run(&self) -> Run {
        Run::of(self.command())
    }

    /// The advice is given.
    #[track_caller]
    pub(super) fn advises(&self, words: &str) {
        assert_advises(self.run(), words);
    }

    /// The advice is given where this stands in the way in a directory of the world; elsewhere, all is well.
    #[track_caller]
    pub(super) fn advises_around(&self, cause: Cause, room: &str, words: &str) {
        let room = self.world.dir().join(room);
        fs::create_dir_all(&room).unwrap();
        if let Some(command) = cause.around(&self.command(), room.to_str().unwrap()) {
            assert_advises(Run::of(command), words);
        }
        let _ = remove_tree(&room.with_extension("before"));
        self.is_well();
    }

    #[track_caller]
    pub(super) fn is_well(&self) {
        let _ = self.run().expect(0);
    }

    /// After `--repair` nothing is broken.
    #[track_caller]
    pub(super) fn is_repaired(&mut self) {
        self.args.push("--repair");
        self.is_well();
        self.args.retain(|arg| *arg != "--repair");
        self.is_well();
    }

    pub(super) fn path(&self, file: CacheFile) -> PathBuf {
        self.world.entry(ALPHA).path(file)
    }
}

#[track_caller]
fn assert_advises(run: Run, words: &str) {
    let run = run.expect(1);
    let given = run.stderr.lines().any(|line| line.trim_start().starts_with("next: ") && has(line, words));
    assert!(given, "no advice {words:?} in:\n{}", run.stderr);
}
