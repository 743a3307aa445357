//! A proxy without faults answers with exactly what its tree holds, and its end is the end of every connection.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::thread;

use gomod_module::ModulePath;
use gomod_testkit::{Endpoint, Fault, LoopbackProxy, ModuleTree, Rule, TIME};

use crate::client::{ask, get, header, read_all, split};

fn tree() -> ModuleTree {
    ModuleTree::new()
        .module(
            "example.com/M",
            "v1.0.0",
            &[("go.mod", b"module example.com/M\n\ngo 1.21\n"), ("m.go", b"package m\n")],
        )
        .module("example.com/M", "v1.1.0-RC", &[("m.go", b"package m\n")])
        .module("example.com/M", "v1.1.1-0.20240102030405-0123456789ab", &[])
        .latest("example.com/M", "v1.1.0-RC")
}

#[test]
fn holds_what_the_protocol_needs() {
    let tree = tree();
    let text = |path: &str| String::from_utf8(tree.get(path).expect(path)).unwrap();
    assert_eq!(text("example.com/!m/@v/list"), "v1.0.0\nv1.1.0-RC\n");
    assert_eq!(text("example.com/!m/@v/v1.0.0.mod"), "module example.com/M\n\ngo 1.21\n");
    assert_eq!(text("example.com/!m/@v/v1.1.0-!r!c.mod"), "module example.com/M\n");
    let info = format!("{{\"Version\":\"v1.1.0-RC\",\"Time\":\"{TIME}\"}}");
    assert_eq!(text("example.com/!m/@v/v1.1.0-!r!c.info"), info);
    assert_eq!(text("example.com/!m/@latest"), info);
    assert_eq!(tree.get("example.com/M/@v/list"), None);
    assert_eq!(tree.paths().count(), 1 + 3 * 3 + 1);
}

#[test]
fn serves_every_file_of_its_tree() {
    let tree = tree();
    let proxy = LoopbackProxy::serve(tree.clone());
    for path in tree.paths() {
        let (head, body) = get(&proxy, &format!("/{}", path.replace('!', "%21")));
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert_eq!(header(&head, "Content-Length"), Some(body.len().to_string().as_str()));
        assert_eq!(Some(body), tree.get(path), "{path}");
    }
    assert_eq!(proxy.requests(), tree.paths().collect::<Vec<_>>());
    assert_eq!(proxy.hits(), tree.paths().count());
    let (head, _) = get(&proxy, "/example.com/other/@v/list");
    assert!(head.starts_with("HTTP/1.1 404 Not Found\r\n"), "{head}");
}

#[test]
fn a_directory_serves_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let tree = tree();
    tree.write_to(dir.path());
    let lazy = ModuleTree::from_dir(dir.path());
    for path in tree.paths() {
        assert_eq!(lazy.get(path), tree.get(path), "{path}");
    }
    for outside in ["../x", "/etc/passwd", "example.com/../../x", "", "example.com"] {
        assert_eq!(lazy.get(outside), None, "{outside}");
    }
}

#[test]
fn one_connection_carries_many_requests() {
    let proxy = LoopbackProxy::serve(tree());
    let request = "GET /example.com/%21m/@v/list HTTP/1.1\r\nHost: proxy\r\nX-Try: 1\r\n\r\n";
    let mut stream = TcpStream::connect(proxy.address()).unwrap();
    stream.write_all(request.repeat(3).as_bytes()).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let (bytes, end) = read_all(stream);
    end.unwrap();
    assert_eq!(bytes.windows(6).filter(|window| window == b"v1.0.0").count(), 3);
    assert_eq!(proxy.log()[2].header("x-TRY"), Some("1"));
}

#[test]
fn ranges_are_answered_where_asked_for() {
    let proxy = LoopbackProxy::builder(ModuleTree::new().file("file", "0123456789")).ranges(true).start();
    let range = |headers: &str| {
        let (bytes, end) = read_all(ask(&proxy, "/file", &format!("{headers}Connection: close\r\n")));
        end.unwrap();
        split(&bytes)
    };
    let (head, body) = range("Range: bytes=4-\r\n");
    assert!(head.starts_with("HTTP/1.1 206 Partial Content\r\n"), "{head}");
    assert_eq!(header(&head, "Content-Range"), Some("bytes 4-9/10"));
    assert_eq!(body, b"456789");
    let etag = header(&head, "ETag").unwrap().to_owned();
    assert_eq!(range("Range: bytes=2-3\r\n").1, b"23");
    assert_eq!(range(&format!("Range: bytes=4-\r\nIf-Range: {etag}\r\n")).1, b"456789");
    assert_eq!(range("Range: bytes=4-\r\nIf-Range: \"other\"\r\n").1, b"0123456789");
    assert!(range("Range: bytes=10-\r\n").0.starts_with("HTTP/1.1 416 "));
    // Without the option there is no such header and no such answer.
    let proxy = LoopbackProxy::serve(ModuleTree::new().file("file", "0123456789"));
    let (bytes, _) = read_all(ask(&proxy, "/file", "Range: bytes=4-\r\nConnection: close\r\n"));
    let (head, body) = split(&bytes);
    assert_eq!((header(&head, "ETag"), body.as_slice()), (None, b"0123456789".as_slice()));
}

#[test]
fn rules_choose_by_endpoint_module_and_count() {
    let tree = tree().module("example.com/n", "v1.0.0", &[]);
    let proxy = LoopbackProxy::builder(tree)
        .rule(Rule::new(Endpoint::List, Fault::status(500)).module("example.com/M").skip(1).times(2))
        .rule(Rule::new(Endpoint::Zip, Fault::status(410)))
        .start();
    let code = |target: &str| get(&proxy, target).0[9..12].parse::<u16>().unwrap();
    let list = "/example.com/%21m/@v/list";
    assert_eq!([code(list), code(list), code(list), code(list)], [200, 500, 500, 200]);
    assert_eq!(code("/example.com/n/@v/list"), 200);
    assert_eq!([code("/example.com/n/@v/v1.0.0.zip"), code("/example.com/n/@v/v1.0.0.mod")], [410, 200]);
    proxy.recover();
    assert_eq!(code("/example.com/n/@v/v1.0.0.zip"), 200);
    proxy.add_rule(Rule::new(Endpoint::Any, Fault::status(503)));
    assert_eq!([code(list), code("/nowhere")], [503, 503]);
}

#[test]
fn endpoints_are_told_apart() {
    let m = || Some(ModulePath::new("example.com/M").unwrap());
    assert_eq!(Endpoint::of("example.com/!m/@v/list"), (Endpoint::List, m()));
    assert_eq!(Endpoint::of("example.com/!m/@v/v1.0.0.info"), (Endpoint::Info, m()));
    assert_eq!(Endpoint::of("example.com/!m/@v/v1.0.0.mod"), (Endpoint::Mod, m()));
    assert_eq!(Endpoint::of("example.com/!m/@v/v1.0.0.zip"), (Endpoint::Zip, m()));
    assert_eq!(Endpoint::of("example.com/!m/@latest"), (Endpoint::Latest, m()));
    assert_eq!(Endpoint::of("sumdb/sum.golang.org/supported"), (Endpoint::SumDb, None));
    assert_eq!(Endpoint::of("favicon.ico"), (Endpoint::Any, None));
}

#[test]
fn the_end_of_the_proxy_ends_idle_connections() {
    let proxy = LoopbackProxy::serve(tree());
    let mut streams: Vec<_> = (0..4).map(|_| ask(&proxy, "/example.com/%21m/@v/list", "")).collect();
    for stream in &mut streams {
        stream.read_exact(&mut [0; 16]).unwrap();
    }
    drop(proxy);
    for stream in streams {
        let _ = read_all(stream);
    }
}

#[test]
fn rude_clients_harm_nobody() {
    let proxy = LoopbackProxy::builder(ModuleTree::new().file("big", vec![b'x'; 8 << 20])).start();
    for rude in ["", "\r\n", "GET", "GET /big", "nonsense\r\n\r\n", "GET / HTTP/1.1\r\nno colon\r\n\r\n"] {
        TcpStream::connect(proxy.address()).unwrap().write_all(rude.as_bytes()).unwrap();
    }
    // Asks for much and leaves in the middle.
    ask(&proxy, "/big", "").read_exact(&mut [0; 100]).unwrap();
    let mut endless = TcpStream::connect(proxy.address()).unwrap();
    while endless.write_all(&[b'a'; 4096]).is_ok() {}
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(get(&proxy, "/big").1.len(), 8 << 20));
        }
    });
}
