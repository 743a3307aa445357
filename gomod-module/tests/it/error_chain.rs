//! An error and its causes, as people can read them, whatever they hold.

use std::error::Error;
use std::fmt;

use gomod_module::ErrorChain;

#[derive(Debug)]
struct Layer(String, Option<Box<Layer>>);

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Layer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|cause| cause as _)
    }
}

fn layers(texts: &[&str]) -> Layer {
    let [first, causes @ ..] = texts else { panic!("no text") };
    let cause = (!causes.is_empty()).then(|| Box::new(layers(causes)));
    Layer((*first).to_owned(), cause)
}

#[test]
fn each_layer_is_shown_once() {
    for (texts, want) in [
        (&["read go.mod", "permission denied"][..], "read go.mod: permission denied"),
        (&["alone"], "alone"),
        (&["verify: mismatch", "mismatch", "why"], "verify: mismatch: why"),
        (&["", "cause"], "cause"),
        (&["a\nb", "\u{1b}[2J\u{202e}x"], "a\nb: \\x1b[2J\\u202ex"),
    ] {
        assert_eq!(ErrorChain::new(&layers(texts)).to_string(), want, "{texts:?}");
    }
    let error = layers(&["a", "b", "c"]);
    let causes: Vec<_> = ErrorChain::new(&error).causes().map(ToString::to_string).collect();
    assert_eq!(causes, ["a", "b", "c"]);
}

#[test]
fn it_is_short_however_much_there_is() {
    let long = "\u{202e}é".repeat(10_000);
    let many: Vec<_> = (0..100).map(|layer| format!("layer {layer} {long}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    for texts in [&many[..1], &many[..]] {
        let chars = ErrorChain::new(&layers(texts)).to_string().chars().count();
        // No escape is cut in two.
        assert!((3990..=4000).contains(&chars), "{chars}");
    }
}
