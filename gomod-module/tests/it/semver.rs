use gomod_module::Version;

#[test]
fn precedence_agrees_with_the_semver_crate() {
    let to_semver = |version: &str| Version::new(version).unwrap().to_semver();
    assert_eq!(to_semver("v2.0.0-rc.1+incompatible").unwrap().to_string(), "2.0.0-rc.1+incompatible");
    assert_eq!(to_semver("v18446744073709551616.0.0"), None);
    let versions =
        ["v1.0.0-0.a", "v1.0.0-1", "v1.0.0-a", "v1.0.0", "v1.0.0+incompatible", "v1.9.0", "v1.10.0"];
    for v in versions {
        for w in versions {
            let go = Version::new(v).unwrap().cmp_precedence(&Version::new(w).unwrap());
            assert_eq!(to_semver(v).unwrap().cmp_precedence(&to_semver(w).unwrap()), go, "{v} {w}");
        }
    }
}
