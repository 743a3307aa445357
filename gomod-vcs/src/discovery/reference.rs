//! What a reference to another page means.

use gomod_module::url::{GoUrl, UrlReason};

/// What `reference` means on the page `base`, an http or https URL (RFC 3986, section 5.2), without its fragment.
pub(super) fn resolve(base: &str, reference: &str) -> Result<String, UrlReason> {
    let target = GoUrl::parse(reference)?;
    let reference = reference.split('#').next().unwrap_or_default();
    if !target.scheme.is_empty() {
        return Ok(reference.to_owned());
    }
    let base = GoUrl::parse(base)?;
    if target.host.is_some() {
        return Ok(format!("{}:{reference}", base.scheme));
    }
    let host = base.host.unwrap_or_default();
    let path = match target.path {
        "" => base.path.to_owned(),
        path if path.starts_with('/') => without_dots(path),
        path => without_dots(&format!("{}/{path}", base.path.rsplit_once('/').map_or("", |(dir, _)| dir))),
    };
    let query = if target.path.is_empty() { target.query.or(base.query) } else { target.query };
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    Ok(format!("{}://{host}{path}{query}", base.scheme))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut elements = path.split('/').skip(1).peekable();
    while let Some(element) = elements.next() {
        let is_dots = matches!(element, "." | "..");
        if element == ".." {
            kept.pop();
        }
        if !is_dots {
            kept.push(element);
        } else if elements.peek().is_none() {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn redirects_lead_where_go_goes() {
        for (reference, wanted) in [
            ("https://w.test/y", "https://w.test/y"),
            ("//w.test/y?a#b", "https://w.test/y?a"),
            ("/y", "https://m.test/y"),
            ("y", "https://m.test/a/y"),
            ("../y/./z/..", "https://m.test/y/"),
            ("?q", "https://m.test/a/b?q"),
            ("", "https://m.test/a/b?go-get=1"),
            ("../../../..", "https://m.test/"),
        ] {
            assert_eq!(resolve("https://m.test/a/b?go-get=1", reference).unwrap(), wanted, "{reference}");
        }
    }
}
