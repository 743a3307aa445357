//! How a published crate is found and shown: what crates.io takes, and docs.rs with the feature that an item needs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{array, metadata};

/// Of <https://crates.io/category_slugs>, those that are in use here.
const CATEGORIES: &[&str] = &[
    "caching",
    "compression",
    "cryptography",
    "development-tools",
    "development-tools::build-utils",
    "filesystem",
    "parser-implementations",
    "web-programming::http-client",
];

/// What crates.io refuses.
fn is_keyword(word: &str) -> bool {
    word.len() <= 20
        && word.starts_with(|first: char| first.is_ascii_alphanumeric())
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_+".contains(&byte))
}

fn violations(metadata: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut all = BTreeSet::new();
    for package in array(&metadata["packages"]).iter().filter(|package| package["publish"] != json!([])) {
        let name = package["name"].as_str().unwrap_or_default();
        let words = |field: &str| -> BTreeSet<&str> {
            array(&package[field]).iter().filter_map(Value::as_str).collect()
        };
        let (keywords, categories) = (words("keywords"), words("categories"));
        if !(1..=5).contains(&keywords.len()) || !keywords.iter().copied().all(is_keyword) {
            found.push(format!("{name}: crates.io does not take the keywords {keywords:?}"));
        }
        if !(1..=5).contains(&categories.len()) || !categories.iter().all(|slug| CATEGORIES.contains(slug)) {
            found.push(format!(
                "{name}: not categories of crates.io, or not in the list here: {categories:?}"
            ));
        }
        if !all.insert(keywords.clone()) {
            found.push(format!("{name}: has the keywords of another crate"));
        }
        for field in ["description", "readme", "license", "repository"] {
            if package[field].is_null() {
                found.push(format!("{name}: no {field}"));
            }
        }
        if package["metadata"]["docs"]["rs"]
            != json!({"all-features": true, "rustdoc-args": ["--cfg", "docsrs"]})
        {
            found.push(format!("{name}: docs.rs does not say which feature an item needs"));
        }
    }
    found
}

#[test]
fn each_crate_can_be_found_and_read() {
    let found = violations(&metadata());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn each_violation_of_a_package_is_named() {
    let cases = [
        ("keywords", json!([]), "crates.io does not take the keywords {}"),
        ("keywords", json!(["two words"]), "crates.io does not take the keywords {\"two words\"}"),
        (
            "keywords",
            json!(["goproxy", "golang", "proxy", "client", "download"]),
            "has the keywords of another crate",
        ),
        ("categories", json!(["zips"]), "not categories of crates.io, or not in the list here: {\"zips\"}"),
        ("description", Value::Null, "no description"),
        ("metadata", Value::Null, "docs.rs does not say which feature an item needs"),
    ];
    for (field, value, want) in cases {
        let mut metadata = metadata();
        let packages = metadata["packages"].as_array_mut().expect("packages");
        packages.sort_by_key(|package| package["name"] == "gomod-zip");
        let zip = packages.last_mut().expect("gomod-zip");
        zip[field] = value;
        assert_eq!(violations(&metadata), [format!("gomod-zip: {want}")]);
    }
}
