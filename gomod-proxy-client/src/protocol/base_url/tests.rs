use super::redacted::redacted_text;
use super::*;

fn join(base: &str) -> String {
    BaseUrl::parse(base).unwrap().join("github.com/!a/@v/v1.0.0+incompatible.mod").unwrap().to_string()
}

#[test]
fn paths_join_as_in_go() {
    let tail = "github.com/%21a/@v/v1.0.0+incompatible.mod";
    assert_eq!(join("https://h"), format!("https://h/{tail}"));
    assert_eq!(join("https://h/"), format!("https://h/{tail}"));
    assert_eq!(join("https://h//x//"), format!("https://h/x/{tail}"));
    assert_eq!(join("http://h:8080/x?token=1&b"), format!("http://h:8080/x/{tail}?token=1&b"));
    assert_eq!(join("https://h/x/../y/./"), format!("https://h/y/{tail}"));
    assert_eq!(join("https://h/%2f"), format!("https://h/{tail}"));
    assert_eq!(join("https://h/a(b"), format!("https://h/a(b/{tail}").replace("%21", "%21"));
    assert_eq!(join("https://h/a b"), format!("https://h/a%20b/{tail}"));
    assert_eq!(join("https://h/x#frag"), format!("https://h/x/{tail}"));
    assert_eq!(join("https://user:pw@h/x"), format!("https://h/x/{tail}"));
}

#[test]
fn another_server_than_in_go_is_refused() {
    for base in ["https://", "https:/one-slash.example", "https://:", "https://0x7f.1", "http://1.2"] {
        let url = BaseUrl::parse(base).unwrap();
        assert!(url.join("m/@v/list").is_err(), "{base}");
    }
    assert!(BaseUrl::parse("https://127.0.0.1:80").unwrap().join("m/@v/list").is_ok());
}

#[test]
fn secrets_are_redacted() {
    for (base, shown) in [
        ("https://user:pw@h/p/", "https://user:xxxxx@h/p/"),
        ("https://token@h", "https://xxxxx@h"),
        ("https://h/p?key=pw", "https://h/p?xxxxx"),
        ("https:user:pw@x/:/", "https:xxxxx@x/:/"),
        ("https://https//user:pw@x", "https://https/xxxxx@x"),
        ("https:/user:p/w@x/y", "https:/xxxxx@x/y"),
        ("https://user:12/34@h", "https://user/xxxxx@h"),
        ("https://user:12?34@h", "https://user?xxxxx"),
        ("https://user:12#34@h", "https://user"),
        ("https://h:1/@team/@x/go", "https://h:1/@team/@x/go"),
    ] {
        assert_eq!(BaseUrl::parse(base).unwrap().to_string(), shown);
    }
    let misplaced = BaseUrl::parse("https://https//user:pw@x").unwrap();
    assert_eq!(misplaced.redacted_join("m/@v/list"), "https://https/xxxxx@x/m/@v/list");
    let scoped = BaseUrl::parse("https://h/@team").unwrap();
    assert_eq!(scoped.redacted_join("m/@v/list"), "https://h/@team/m/@v/list");
    assert_eq!(redacted_text("https://user:p/w@h:x/y?pw"), "https://xxxxx@h:x/y?xxxxx");
}
