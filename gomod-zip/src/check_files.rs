use std::collections::HashSet;
use std::io::Read as _;

use gomod_module::modfile::VendorRule;
use gomod_module::path::check_file_path;

use crate::clean::is_clean;
use crate::collision::Collisions;
use crate::limits::{add_size, check_size};
use crate::nested_modules::NestedModules;
use crate::{
    CheckedFiles, FileError, FileKind, FileReason, MAX_DIRECTORIES, MAX_GO_MOD, SizeError, SourceFile,
};

/// Returns which of the files would become part of a module zip, which are left out, and which break a rule.
///
/// Left out are files of nested modules, of vendored packages, and what is not a regular file. The go.mod in the root,
/// which decides between two [rules for vendored packages](VendorRule), is the only file that is read. Directories of
/// version control are left out by [`check_dir`](crate::check_dir) only. A path is reported once, however often it
/// is listed.
///
/// As `CheckFiles` of [`golang.org/x/mod/zip`](https://pkg.go.dev/golang.org/x/mod/zip#CheckFiles); see
/// [`MAX_DIRECTORIES`] for the rule that is added.
///
/// ```
/// use gomod_zip::{DataFile, check_files};
///
/// let files = ["go.mod", "a.go", "A.go", "vendor/x/x.go"].map(|path| DataFile::new(path, ""));
/// let checked = check_files(&files);
/// assert_eq!(checked.valid, ["go.mod", "a.go"]);
/// assert_eq!(checked.omitted[0].to_string(), "vendor/x/x.go: file is in vendor directory");
/// assert_eq!(
///     checked.invalid[0].to_string(),
///     r#"A.go: case-insensitive file name collision: "a.go" and "A.go""#
/// );
/// ```
#[doc(alias = "CheckFiles")]
pub fn check_files<F: SourceFile>(files: &[F]) -> CheckedFiles {
    list_files(files).0
}

/// A file that becomes part of a zip.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Included<'a, F> {
    pub(crate) path: &'a str,
    pub(crate) file: &'a F,
    pub(crate) size: u64,
}

/// What there is to say about the files, and the valid ones.
pub(crate) fn list_files<F: SourceFile>(files: &[F]) -> (CheckedFiles, Vec<Included<'_, F>>) {
    let mut list = List::default();
    let (vendor_rule, nested) = find_go_mods(files, &mut list);
    let mut collisions = Collisions::new(MAX_DIRECTORIES);
    let mut total = 0;
    for file in files {
        match check_file(file, vendor_rule, &nested, &mut collisions) {
            Err(refusal) => list.refuse(file.path(), refusal),
            Ok(included) => {
                match add_size(total, included.size) {
                    Some(sum) => total = sum,
                    None => list.checked.size_error = Some(SizeError::Source),
                }
                match check_size(included.path, included.size) {
                    Ok(()) => list.include(included),
                    Err(reason) => list.refuse(file.path(), Refusal::Invalid(reason)),
                }
            }
        }
    }
    (list.checked, list.included)
}

enum Refusal {
    Omitted(FileReason),
    Invalid(FileReason),
}

struct List<'a, F> {
    checked: CheckedFiles,
    included: Vec<Included<'a, F>>,
    refused: HashSet<&'a [u8]>,
}

impl<F> Default for List<'_, F> {
    fn default() -> Self {
        Self { checked: CheckedFiles::default(), included: Vec::new(), refused: HashSet::new() }
    }
}

impl<'a, F> List<'a, F> {
    fn include(&mut self, included: Included<'a, F>) {
        self.checked.valid.push(included.path.into());
        self.checked.sizes.push(included.size);
        self.included.push(included);
    }

    fn refuse(&mut self, path: &'a [u8], refusal: Refusal) {
        if self.refused.insert(path) {
            let (list, reason) = match refusal {
                Refusal::Omitted(reason) => (&mut self.checked.omitted, reason),
                Refusal::Invalid(reason) => (&mut self.checked.invalid, reason),
            };
            list.push(FileError { path: path.into(), reason });
        }
    }
}

/// What the files named go.mod, in any case, say about all others.
fn find_go_mods<'a, F: SourceFile>(
    files: &'a [F],
    list: &mut List<'a, F>,
) -> (VendorRule, NestedModules<'a>) {
    let mut dirs = Vec::new();
    let mut vendor_rule = VendorRule::default();
    for file in files {
        let path = file.path();
        let dir_len = path.iter().rposition(|b| *b == b'/').map_or(0, |slash| slash + 1);
        let Some((dir, base)) = path.split_at_checked(dir_len) else { continue };
        if !base.eq_ignore_ascii_case(b"go.mod") {
            continue;
        }
        match file.stat() {
            Err(error) => list.refuse(path, Refusal::Invalid(FileReason::Stat(error.into()))),
            Ok(stat) if stat.kind != FileKind::Regular => {}
            Ok(_) if !dir.is_empty() => dirs.push(dir),
            Ok(_) if base == b"go.mod" => {
                // One that cannot be read is no reason to refuse it here: that shows when it is put into a zip.
                let mut data = Vec::new();
                let read = file.open().and_then(|reader| reader.take(MAX_GO_MOD + 1).read_to_end(&mut data));
                if read.is_ok() {
                    vendor_rule = VendorRule::of(&data);
                }
            }
            Ok(_) => {}
        }
    }
    (vendor_rule, NestedModules::new(dirs))
}

fn check_file<'a, F: SourceFile>(
    file: &'a F,
    vendor_rule: VendorRule,
    nested: &NestedModules<'_>,
    collisions: &mut Collisions<'a>,
) -> Result<Included<'a, F>, Refusal> {
    let path = file.path();
    if !is_clean(path) {
        return Err(Refusal::Invalid(FileReason::NotClean));
    }
    if path.starts_with(b"/") {
        return Err(Refusal::Invalid(FileReason::NotRelative));
    }
    if vendor_rule.is_vendored(path) {
        return Err(Refusal::Omitted(FileReason::Vendored));
    }
    if nested.contains(path) {
        return Err(Refusal::Omitted(FileReason::OtherModule));
    }
    if path == b".hg_archival.txt" {
        return Err(Refusal::Omitted(FileReason::HgArchival));
    }
    let path = check_file_path(path).map_err(|error| Refusal::Invalid(FileReason::Path(error)))?;
    if path.eq_ignore_ascii_case("go.mod") && path != "go.mod" {
        return Err(Refusal::Invalid(FileReason::GoModCase));
    }
    let stat = file.stat().map_err(|error| Refusal::Invalid(FileReason::Stat(error.into())))?;
    collisions.insert(path, stat.kind == FileKind::Directory).map_err(Refusal::Invalid)?;
    match stat.kind {
        FileKind::Regular => Ok(Included { path, file, size: stat.size }),
        FileKind::Symlink => Err(Refusal::Omitted(FileReason::Symlink)),
        FileKind::Directory | FileKind::Irregular => Err(Refusal::Omitted(FileReason::NotRegular)),
    }
}
