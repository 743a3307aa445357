//! Findings in words.

use super::kind::{FindingKind, Which};
use super::left_out::LeftOut;
use super::rewriting::Rewriting;
use crate::go_sum::conflict::ConflictSide;
use crate::go_sum::entry::Kind;
use crate::go_sum::verify::Mismatch;

/// The fact and what to do about it.
#[expect(clippy::too_many_lines, reason = "a table with a row for each kind")]
pub(super) fn words(kind: &FindingKind, mismatch: &Mismatch) -> (String, String) {
    let Mismatch { module, file, line, .. } = mismatch;
    let at = if *line > 0 { format!("line {line} of {file}") } else { file.clone() };
    let content = content(mismatch.kind);
    let other_content = self::content(other(mismatch.kind));
    let (path, version) = (module.path(), module.version());
    let fetch = "fetch it again, past any cache, and from another source".to_owned();
    let fix_line = format!("correct {at} from a trusted copy of the file or from the checksum database");
    match kind {
        FindingKind::EmptyGoMod { which } => {
            (format!("{} that of an empty go.mod file: nothing came instead of the file", hash(*which)), fetch)
        }
        FindingKind::EmptyTree { which } => {
            (format!("{} that of a module without any file", hash(*which)), fetch)
        }
        FindingKind::MadeUpGoMod { which: Which::Recorded } => (
            format!("{at} has the hash of a go.mod file with a module line alone, as it is made up for {path} without one"),
            format!("see whether {version} was published again with another go.mod file"),
        ),
        FindingKind::MadeUpGoMod { which: Which::Found } => (
            format!("what came is a go.mod file with a module line alone, as it is made up for {path} without one"),
            format!("see whether the source has {version} as it was published"),
        ),
        FindingKind::OneCharacter { position } => (
            format!("{at} differs from the hash found at character {position} only, so it was edited"),
            format!("undo the edit of {at}; its history shows when it was made"),
        ),
        FindingKind::LetterCase => (
            format!("{at} differs from the hash found in upper and lower case only, so it was edited"),
            format!("undo the edit of {at}; its history shows when it was made"),
        ),
        FindingKind::Transposed { position } => (
            format!("{at} is the hash found with two characters exchanged, the first of them character {position}: it was edited"),
            format!("undo the edit of {at}; its history shows when it was made"),
        ),
        FindingKind::Truncated { length } => (
            format!("{at} is the beginning of the hash found, cut off after {length} characters"),
            format!("bring {at} back as it was before it was cut off; its history shows it"),
        ),
        FindingKind::Edited { position } => (
            format!("{at} begins and ends like the hash found and differs from character {position} on: it was edited"),
            format!("undo the edit of {at}; its history shows when it was made"),
        ),
        FindingKind::OtherSpelling => (
            format!("{at} is the hash found in another spelling, which the go command does not read"),
            format!("write the hash in {at} as h1: and standard base64 with its padding"),
        ),
        FindingKind::NotAHash => {
            (format!("what {at} records is no h1: hash, and no content can have it"), fix_line)
        }
        FindingKind::LaterLine { line: later } => (
            format!("line {later} of {file} records the hash found, but {at} stands before it and decides"),
            "find out which of the two lines is right, with the checksum database for one, and remove the other".into(),
        ),
        FindingKind::Conflict { side, start } => (
            format!("{at} is {} in the merge conflict that starts in line {start}", self::side(*side)),
            "settle the conflict".into(),
        ),
        FindingKind::OtherKind { which: Which::Recorded, line } => (
            format!("{at} has the hash of {other_content}{}, not of {content}", shown(*line, file)),
            fix_line,
        ),
        FindingKind::OtherKind { which: Which::Found, line } => (
            format!("the hash found is that of {other_content}{}, not of {content}", shown(*line, file)),
            "see whether hash and line are of the same kind: the line for a go.mod file has /go.mod behind the version"
                .into(),
        ),
        FindingKind::OtherVersion { which: Which::Recorded, version: other, line: shown } => (
            format!("{at} has the hash of {other}, which line {shown} records: it was copied"),
            fix_line,
        ),
        FindingKind::OtherVersion { which: Which::Found, version: other, line: shown } => (
            format!("{content} that came is that of {other}, by line {shown} of {file}, not of {version}"),
            format!("report to the source that it serves {other} as {version}, unless the tag was moved"),
        ),
        FindingKind::OtherModule { which: Which::Recorded, path: other, version, line: shown } => (
            format!("{at} has the hash of {other} {version}, which line {shown} records: it was copied"),
            fix_line,
        ),
        FindingKind::OtherModule { which: Which::Found, path: other, version, line: shown } => (
            format!("{content} that came is that of {other} {version}, by line {shown} of {file}"),
            format!("report to the source that it serves {other} as {path}"),
        ),
        FindingKind::AtHandIsRight => (
            format!("{content} at hand has the recorded hash: the one that mismatched was another copy"),
            "use the copy at hand, and find out where the other came from".into(),
        ),
        FindingKind::AtHandIsOther => (
            format!("{content} at hand has neither hash: it is not the one that mismatched"),
            "keep the copy that mismatched, and look at that".into(),
        ),
        FindingKind::Unreadable => ("the zip at hand cannot be read to its end".into(), fetch),
        FindingKind::Rewritten { how, text_only } => (
            format!("{content} has the recorded hash when {}", rewritten(*how, *text_only)),
            "get the copy that nothing rewrote on its way: look at git's autocrlf and .gitattributes, editors, file shares"
                .into(),
        ),
        FindingKind::RewrittenFile { name, how } => (
            format!("the zip has the recorded hash when in {name} {}", rewritten(*how, false)),
            format!("see what rewrites {name}: git's autocrlf and .gitattributes, editors, file shares"),
        ),
        FindingKind::LfsPointers { which: Which::Found, count, name } => (
            format!("the zip that came has git-lfs pointers in place of {}, and by the SHA-256 in them the recorded hash is that of the zip with the files", files(*count, name)),
            "take it from a source that packs modules with git-lfs installed, or ask who runs this one to".into(),
        ),
        FindingKind::LfsPointers { which: Which::Recorded, count, name } => (
            format!("the recorded hash is that of a zip with git-lfs pointers in place of {}, where the one that came has the files", files(*count, name)),
            "take it from a source that packs modules without git-lfs, as proxy.golang.org does".into(),
        ),
        FindingKind::ExportSubst { count, name } => (
            format!("{} marked export-subst in .gitattributes: `git archive` and forges write the commit there, the go command does not", files_are(*count, name)),
            "see who packed each of the two zips, and whether those files alone differ (`zip diff`)".into(),
        ),
        FindingKind::NotAGoMod { looks_like } => (
            format!("what came as the go.mod file is {looks_like}"),
            "ask the source directly what it answers; a login page or an error must not have the status 200".into(),
        ),
        FindingKind::GoModOfZip { which: Which::Recorded } => (
            format!("the go.mod file in the zip has the hash of {at}; the one served beside the zip is another"),
            "report to the source that its .mod is not the go.mod file of its .zip".into(),
        ),
        FindingKind::GoModOfZip { which: Which::Found } => (
            "the go.mod file in the zip is the one that came: zip and go.mod file belong together".into(),
            format!("see whether {version} was published again, and compare with another source"),
        ),
        FindingKind::LeftOut { what, count } => (
            format!("the zip has the recorded hash without {} ({count})", left_out(*what)),
            "see which program made each of the two zips: the go command of today decides what a zip holds".into(),
        ),
        FindingKind::OtherPrefix { prefix } if prefix.is_empty() => (
            "the zip has the recorded hash when its file names start with nothing".into(),
            format!("compute the hash of {at} again, with names that start with {module}/"),
        ),
        FindingKind::OtherPrefix { prefix } => (
            format!("the zip has the recorded hash when its file names start with {prefix}"),
            format!("see which of the two was made wrong: names in a module zip start with {module}/"),
        ),
        FindingKind::Database { agrees_with: Some(Which::Recorded) } => (
            format!("the checksum database agrees with {at}, so what came is not what was published first"),
            "take it from another source; if none has it, ask the author, who may have moved the tag, for a new version"
                .into(),
        ),
        FindingKind::Database { agrees_with: Some(Which::Found) } => (
            format!("the checksum database agrees with the hash found, so {at} is wrong"),
            format!("find out how {at} came about, and replace it"),
        ),
        FindingKind::Database { agrees_with: None } => (
            "the checksum database records a third hash".into(),
            format!("trust neither: see whether the database is the one that {path} is recorded in"),
        ),
        FindingKind::Sources { recorded, found, neither } => (
            format!(
                "the recorded hash is that of {}, the hash found that of {}, another that of {}",
                list(recorded),
                list(found),
                list(neither)
            ),
            match recorded.first() {
                Some(name) => format!("take it from {name}, and compare the two copies file by file"),
                None => format!("compare the copies file by file; none of them is what {file} was made from"),
            },
        ),
    }
}

fn hash(which: Which) -> &'static str {
    match which {
        Which::Recorded => "the recorded hash is",
        Which::Found => "the hash found is",
    }
}

fn content(kind: Kind) -> &'static str {
    match kind {
        Kind::Zip => "the zip",
        Kind::GoMod => "the go.mod file",
    }
}

fn other(kind: Kind) -> Kind {
    match kind {
        Kind::Zip => Kind::GoMod,
        Kind::GoMod => Kind::Zip,
    }
}

fn side(side: Option<ConflictSide>) -> &'static str {
    match side {
        Some(ConflictSide::Ours | ConflictSide::Both) => "our side",
        Some(ConflictSide::Theirs) => "their side",
        None => "the common ancestor",
    }
}

fn shown(line: Option<usize>, file: &str) -> String {
    line.map(|line| format!(", which stands in line {line} of {file}")).unwrap_or_default()
}

fn rewritten(how: Rewriting, text_only: bool) -> String {
    let which = if text_only { " in texts" } else { "" };
    match how {
        Rewriting::CrlfToLf => format!("CRLF line endings{which} become LF"),
        Rewriting::LfToCrlf => format!("LF line endings{which} become CRLF"),
        Rewriting::FinalNewlineAdded => "a newline is put at its end".into(),
        Rewriting::FinalNewlineRemoved => "the newline at its end is taken away".into(),
        Rewriting::ByteOrderMarkAdded => "a byte order mark is put at its start".into(),
        Rewriting::ByteOrderMarkRemoved => "the byte order mark at its start is taken away".into(),
    }
}

fn left_out(what: LeftOut) -> &'static str {
    match what {
        LeftOut::Directories => "its entries for directories",
        LeftOut::Vendored => "its vendored files",
        LeftOut::NestedModules => "the files of the modules nested in it",
        LeftOut::VersionControl => "the files of version control in it",
        LeftOut::License => "its file LICENSE",
        LeftOut::GoMod => "its file go.mod",
    }
}

/// The first of some files, and how many more there are.
fn files(count: usize, first: &str) -> String {
    if count > 1 { format!("{first} and {} more files", count - 1) } else { first.to_owned() }
}

fn files_are(count: usize, first: &str) -> String {
    format!("{} {}", files(count, first), if count > 1 { "are" } else { "is" })
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "none".into() } else { names.join(", ") }
}
