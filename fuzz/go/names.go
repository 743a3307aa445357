package main

import (
	"encoding/json"
	"path"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
)

// The operations on paths, versions and patterns.
var names = map[string]func(*Input) Answer{
	"check":             func(in *Input) Answer { return check(module.Check(string(in.Path), string(in.Version))) },
	"check_path":        func(in *Input) Answer { return check(module.CheckPath(string(in.Path))) },
	"check_import_path": func(in *Input) Answer { return check(module.CheckImportPath(string(in.Path))) },
	"check_file_path":   func(in *Input) Answer { return check(module.CheckFilePath(string(in.Path))) },
	"escape_path":       func(in *Input) Answer { return text(module.EscapePath(string(in.Path))) },
	"unescape_path":     func(in *Input) Answer { return text(module.UnescapePath(string(in.Path))) },
	"escape_version":    func(in *Input) Answer { return text(module.EscapeVersion(string(in.Version))) },
	"unescape_version":  func(in *Input) Answer { return text(module.UnescapeVersion(string(in.Version))) },
	"path_major": func(in *Input) Answer {
		prefix, major, ok := module.SplitPathVersion(string(in.Path))
		return Answer{OK: ok, Value: map[string]Bytes{"prefix": Bytes(prefix), "path_major": Bytes(major)}}
	},
	"check_path_major": func(in *Input) Answer {
		return check(module.CheckPathMajor(string(in.Version), string(in.PathMajor)))
	},
	"path_major_prefix":  func(in *Input) Answer { return text(module.PathMajorPrefix(string(in.PathMajor)), nil) },
	"canonical_version":  func(in *Input) Answer { return text(module.CanonicalVersion(string(in.Version)), nil) },
	"semver_is_valid":    func(in *Input) Answer { return value(semver.IsValid(string(in.V))) },
	"semver_canonical":   func(in *Input) Answer { return text(semver.Canonical(string(in.V)), nil) },
	"semver_major":       func(in *Input) Answer { return text(semver.Major(string(in.V)), nil) },
	"semver_major_minor": func(in *Input) Answer { return text(semver.MajorMinor(string(in.V)), nil) },
	"semver_prerelease":  func(in *Input) Answer { return text(semver.Prerelease(string(in.V)), nil) },
	"semver_build":       func(in *Input) Answer { return text(semver.Build(string(in.V)), nil) },
	"semver_compare":     func(in *Input) Answer { return value(semver.Compare(string(in.V), string(in.W))) },
	"semver_sort":        semverSort,
	"module_sort":        moduleSort,
	"is_pseudo":          func(in *Input) Answer { return value(module.IsPseudoVersion(string(in.Version))) },
	"is_zero_pseudo":     func(in *Input) Answer { return value(module.IsZeroPseudoVersion(string(in.Version))) },
	"pseudo_parse":       pseudoParse,
	"pseudo_make":        pseudoMake,
	"path_match":         func(in *Input) Answer { return result(path.Match(string(in.Pattern), string(in.Name))) },
	"match_prefix_patterns": func(in *Input) Answer {
		return value(module.MatchPrefixPatterns(string(in.Globs), string(in.Target)))
	},
}

func text(s string, err error) Answer { return result(Bytes(s), err) }

func semverSort(in *Input) Answer {
	var list []Bytes
	if err := json.Unmarshal(in.List, &list); err != nil {
		return check(err)
	}
	versions := make([]string, len(list))
	for i, version := range list {
		versions[i] = string(version)
	}
	semver.Sort(versions)
	for i, version := range versions {
		list[i] = Bytes(version)
	}
	return value(list)
}

func moduleSort(in *Input) Answer {
	type wire struct {
		Path    Bytes `json:"path"`
		Version Bytes `json:"version"`
	}
	var list []wire
	if err := json.Unmarshal(in.List, &list); err != nil {
		return check(err)
	}
	modules := make([]module.Version, len(list))
	for i, m := range list {
		modules[i] = module.Version{Path: string(m.Path), Version: string(m.Version)}
	}
	module.Sort(modules)
	for i, m := range modules {
		list[i] = wire{Bytes(m.Path), Bytes(m.Version)}
	}
	return value(list)
}

func pseudoParse(in *Input) Answer {
	version := string(in.Version)
	at, timeErr := module.PseudoVersionTime(version)
	rev, revErr := module.PseudoVersionRev(version)
	base, baseErr := module.PseudoVersionBase(version)
	parts := map[string]Answer{
		"time": result(at.Format(time.RFC3339), timeErr),
		"rev":  text(rev, revErr),
		"base": text(base, baseErr),
	}
	for _, err := range []error{timeErr, revErr, baseErr} {
		if err != nil {
			return partial(parts, err)
		}
	}
	return value(parts)
}

func pseudoMake(in *Input) Answer {
	at, err := time.Parse(time.RFC3339, string(in.Time))
	if err != nil {
		return check(err)
	}
	return text(module.PseudoVersion(string(in.Major), string(in.Older), at, string(in.Rev)), nil)
}
