use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use gomod_module::text::fold_key;

use crate::FileReason;

/// Finds paths that a case-insensitive file system, or any file system, could not hold together.
///
/// Go keeps a map from each folded path to the spelling that came first. It inserts a path, then the directory
/// above it, and so on, until one is there in another spelling or the root is reached. So whatever is in its map
/// has all directories above it in the map, and those that a path adds are the lowest ones. The same names can
/// therefore be added from the root downwards, one element at a time, each looked up below its directory: the
/// work is linear in the length of a path, however many directories it has.
///
/// What Go finds above a directory, in the spelling of that directory, never changes: a name in the map keeps its
/// first spelling. So every spelling of a directory remembers the conflict that any path below it meets.
#[derive(Debug)]
pub(crate) struct Collisions<'a> {
    /// By folded directory and folded element.
    names: HashMap<(NameId, Cow<'a, str>), Name<'a>>,
    /// Spellings of directories, by the spelling above and the element.
    spellings: HashMap<(SpellingId, &'a str), SpellingId>,
    directories: Vec<Directory<'a>>,
    /// Most zips list a directory's files one after the other.
    last: (&'a str, SpellingId),
    max_directories: usize,
}

type NameId = usize;
type SpellingId = usize;

const ROOT: usize = 0;

/// What came first at a folded path.
#[derive(Debug)]
struct Name<'a> {
    id: NameId,
    path: &'a str,
    parent: SpellingId,
    is_dir: bool,
}

/// One spelling of a directory.
#[derive(Debug, Clone, Copy)]
struct Directory<'a> {
    name: NameId,
    conflict: Option<Conflict<'a>>,
}

#[derive(Debug, Clone, Copy)]
enum Conflict<'a> {
    Spelling { first: &'a str, second: &'a str },
    FileAndDirectory { path: &'a str },
    SameFile { path: &'a str },
}

impl<'a> Collisions<'a> {
    pub(crate) fn new(max_directories: usize) -> Self {
        Self {
            names: HashMap::new(),
            spellings: HashMap::new(),
            directories: vec![Directory { name: ROOT, conflict: None }],
            last: ("", ROOT),
            max_directories,
        }
    }

    /// Adds a valid file path.
    pub(crate) fn insert(&mut self, path: &'a str, is_dir: bool) -> Result<(), FileReason> {
        let (parent, element) = path.rsplit_once('/').unwrap_or(("", path));
        let conflict = if is_dir {
            self.directory(path)?.1.conflict
        } else {
            let (parent, directory) = self.directory(parent)?;
            self.name(directory.name, parent, element, path, false).1.or(directory.conflict)
        };
        conflict.map_or(Ok(()), |conflict| Err(conflict.into()))
    }

    /// The directory in this spelling, added with those above it where it is new.
    fn directory(&mut self, path: &'a str) -> Result<(SpellingId, Directory<'a>), FileReason> {
        if self.last.0 != path {
            let mut id = ROOT;
            let mut end = 0;
            // Without a terminator the root, as `""`, has no elements.
            for element in path.split_terminator('/') {
                end += element.len();
                id = self.subdirectory(id, element, &path[..end])?;
                end += 1;
            }
            self.last = (path, id);
        }
        Ok((self.last.1, self.directories[self.last.1]))
    }

    fn subdirectory(
        &mut self,
        parent: SpellingId,
        element: &'a str,
        path: &'a str,
    ) -> Result<SpellingId, FileReason> {
        if let Some(&id) = self.spellings.get(&(parent, element)) {
            return Ok(id);
        }
        // The root is one of them, and is not counted.
        let id = self.directories.len();
        if id > self.max_directories {
            return Err(FileReason::TooManyDirectories);
        }
        let above = self.directories[parent];
        let (name, conflict) = self.name(above.name, parent, element, path, true);
        self.directories.push(Directory { name, conflict: conflict.or(above.conflict) });
        self.spellings.insert((parent, element), id);
        Ok(id)
    }

    fn name(
        &mut self,
        directory: NameId,
        parent: SpellingId,
        element: &'a str,
        path: &'a str,
        is_dir: bool,
    ) -> (NameId, Option<Conflict<'a>>) {
        let id = self.names.len() + 1;
        match self.names.entry((directory, fold(element))) {
            Entry::Vacant(vacant) => (vacant.insert(Name { id, path, parent, is_dir }).id, None),
            Entry::Occupied(occupied) => {
                let other = occupied.get();
                // The same spelling of the directory, so only the elements can differ.
                let same_spelling =
                    other.parent == parent && other.path.len() == path.len() && other.path.ends_with(element);
                let conflict = if !same_spelling {
                    Some(Conflict::Spelling { first: other.path, second: path })
                } else if is_dir != other.is_dir {
                    Some(Conflict::FileAndDirectory { path })
                } else if is_dir {
                    None
                } else {
                    Some(Conflict::SameFile { path })
                };
                (other.id, conflict)
            }
        }
    }
}

impl From<Conflict<'_>> for FileReason {
    fn from(conflict: Conflict<'_>) -> Self {
        match conflict {
            Conflict::Spelling { first, second } => {
                Self::Collision { first: first.into(), second: second.into() }
            }
            Conflict::FileAndDirectory { path } => Self::FileAndDirectory { path: path.into() },
            Conflict::SameFile { path } => Self::MultipleEntries { path: path.into() },
        }
    }
}

/// Most names are in lower case already, which is their folded form.
fn fold(element: &str) -> Cow<'_, str> {
    if element.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        Cow::Borrowed(element)
    } else {
        Cow::Owned(fold_key(element))
    }
}
