use super::GoMod;
use crate::go_version;

/// Which files of a module's directory are vendored packages, and so left out of its zip. Go 1.24 changed that, for
/// modules whose go.mod says so.
///
/// Source: `isVendoredPackage` of x/mod/zip and [issue 37397](https://go.dev/issue/37397).
///
/// ```
/// use gomod_module::modfile::VendorRule;
///
/// let rule = VendorRule::of(b"module example.com/m\ngo 1.24\n");
/// assert_eq!(rule, VendorRule::New);
/// assert!(rule.is_vendored(b"vendor/modules.txt"));
/// assert!(!rule.is_vendored(b"pkg/vendor/vendor.go"));
/// assert!(VendorRule::Old.is_vendored(b"pkg/vendor/vendor.go"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[expect(clippy::exhaustive_enums, reason = "a third rule would be a breaking change of every zip")]
pub enum VendorRule {
    /// Up to Go 1.23: `vendor/modules.txt` stays, and everything below a `vendor` directory that is not in the root is
    /// left out.
    #[default]
    Old,
    /// From Go 1.24 on: `vendor/modules.txt` is left out, and files directly in any `vendor` directory stay.
    New,
}

impl VendorRule {
    /// The rule for a module whose root holds this go.mod; without a go.mod it is [`Old`](Self::Old), and so it is for
    /// a file that [`GoMod::parse_lax`] refuses.
    pub fn of(go_mod: &[u8]) -> Self {
        let go = GoMod::parse_lax(go_mod).ok().and_then(|file| file.go);
        let version = go.as_ref().map_or("", |go| go_version::language(&go.version));
        if go_version::compare(version, "1.24").is_ge() { Self::New } else { Self::Old }
    }

    /// `old` or `new`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Old => "old",
            Self::New => "new",
        }
    }

    /// Whether the file, named by its slash-separated path in the module, is part of a vendored package.
    #[doc(alias = "isVendoredPackage")]
    pub fn is_vendored(self, name: &[u8]) -> bool {
        if name == b"vendor/modules.txt" {
            return self == Self::New;
        }
        let nested = name.windows(b"/vendor/".len()).position(|window| window == b"/vendor/");
        let from = match (self, nested) {
            _ if name.starts_with(b"vendor/") => b"vendor/".len(),
            (_, None) => return false,
            (Self::New, Some(at)) => at + b"/vendor/".len(),
            // Not where the directory is, but what Go did: a slash always follows.
            (Self::Old, Some(_)) => b"/vendor/".len(),
        };
        name.get(from..).is_some_and(|inside| inside.contains(&b'/'))
    }
}
