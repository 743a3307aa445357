//! Names that belong to a module version: those in a version directory, and that of an extracted tree.

use gomod_module::{ModulePath, ModuleVersion, Version};

use crate::layout::CacheFile;
use crate::temporary::target_of;

/// A name in a version directory.
pub(crate) enum VersionFile {
    /// A file of this module version.
    Of(ModuleVersion),
    /// A file that is there to be locked: it makes no entry by itself.
    Lock,
    /// The version list, which makes none either.
    List,
    Temporary,
}

impl VersionFile {
    pub(crate) fn parse(name: &str, path: &ModulePath) -> Option<Self> {
        if name == CacheFile::List.suffix() {
            return Some(Self::List);
        }
        if let Some(target) = target_of(name) {
            let (version, suffix) = target.rsplit_once('.')?;
            let written = [CacheFile::Info, CacheFile::Mod, CacheFile::Zip];
            let known = written.iter().any(|file| file.suffix() == suffix);
            return (known && module(path, version).is_some()).then_some(Self::Temporary);
        }
        let (version, suffix) = name.rsplit_once('.')?;
        let module = module(path, version)?;
        match suffix {
            "lock" => Some(Self::Lock),
            "info" | "mod" | "zip" | "ziphash" | "partial" => Some(Self::Of(module)),
            _ => None,
        }
    }
}

fn module(path: &ModulePath, version: &str) -> Option<ModuleVersion> {
    ModuleVersion::new(path.clone(), Version::from_escaped(version).ok()?).ok()
}

pub(crate) fn module_of_tree(below: &str) -> Option<ModuleVersion> {
    let (path, version) = below.split_once('@')?;
    module(&ModulePath::from_escaped(path).ok()?, version)
}
