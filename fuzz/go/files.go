package main

import (
	"bytes"
	"io"
	"os"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/zip"
)

// The operations on go.mod and go.work files.
var files = map[string]func(*Input) Answer{
	"modfile_parse": func(in *Input) Answer {
		f, err := modfile.Parse("go.mod", []byte(in.Data), nil)
		return modFile(f, err)
	},
	"modfile_parse_lax": func(in *Input) Answer {
		f, err := modfile.ParseLax("go.mod", []byte(in.Data), nil)
		return modFile(f, err)
	},
	"workfile_parse": func(in *Input) Answer {
		f, err := modfile.ParseWork("go.work", []byte(in.Data), nil)
		return workFile(f, err)
	},
	"vendor_rule": vendorRule,
}

type object map[string]any

// Sets a field, unless its value is empty.
func (o object) set(name string, text string) object {
	if text != "" {
		o[name] = Bytes(text)
	}
	return o
}

func at(line *modfile.Line) object { return object{"line": line.Start.Line} }

func list[T any](o object, name string, items []T, show func(T) object) {
	var shown []object
	for _, item := range items {
		shown = append(shown, show(item))
	}
	if shown != nil {
		o[name] = shown
	}
}

func modFile(f *modfile.File, err error) Answer {
	if err != nil {
		return check(err)
	}
	o := object{}
	if m := f.Module; m != nil {
		module := at(m.Syntax).set("deprecated", m.Deprecated)
		module["path"] = Bytes(m.Mod.Path)
		o["module"] = module
	}
	common(o, f.Go, f.Toolchain, f.Godebug, f.Replace)
	list(o, "require", f.Require, func(r *modfile.Require) object {
		require := at(r.Syntax)
		require["path"], require["version"] = Bytes(r.Mod.Path), Bytes(r.Mod.Version)
		if r.Indirect {
			require["indirect"] = true
		}
		return require
	})
	list(o, "exclude", f.Exclude, func(x *modfile.Exclude) object {
		exclude := at(x.Syntax)
		exclude["path"], exclude["version"] = Bytes(x.Mod.Path), Bytes(x.Mod.Version)
		return exclude
	})
	list(o, "retract", f.Retract, func(r *modfile.Retract) object {
		retract := at(r.Syntax).set("rationale", r.Rationale)
		retract["low"], retract["high"] = Bytes(r.Low), Bytes(r.High)
		return retract
	})
	list(o, "tool", f.Tool, func(t *modfile.Tool) object {
		tool := at(t.Syntax)
		tool["path"] = Bytes(t.Path)
		return tool
	})
	list(o, "ignore", f.Ignore, func(i *modfile.Ignore) object {
		ignore := at(i.Syntax)
		ignore["path"] = Bytes(i.Path)
		return ignore
	})
	return value(o)
}

func workFile(f *modfile.WorkFile, err error) Answer {
	if err != nil {
		return check(err)
	}
	o := object{}
	common(o, f.Go, f.Toolchain, f.Godebug, f.Replace)
	list(o, "use", f.Use, func(u *modfile.Use) object {
		use := at(u.Syntax)
		use["path"] = Bytes(u.Path)
		return use
	})
	return value(o)
}

func common(o object, g *modfile.Go, t *modfile.Toolchain, godebug []*modfile.Godebug, replace []*modfile.Replace) {
	if g != nil {
		line := at(g.Syntax)
		line["version"] = Bytes(g.Version)
		o["go"] = line
	}
	if t != nil {
		line := at(t.Syntax)
		line["name"] = Bytes(t.Name)
		o["toolchain"] = line
	}
	list(o, "godebug", godebug, func(g *modfile.Godebug) object {
		line := at(g.Syntax)
		line["key"], line["value"] = Bytes(g.Key), Bytes(g.Value)
		return line
	})
	list(o, "replace", replace, func(r *modfile.Replace) object {
		line := at(r.Syntax).set("old_version", r.Old.Version).set("new_version", r.New.Version)
		line["old_path"], line["new_path"] = Bytes(r.Old.Path), Bytes(r.New.Path)
		return line
	})
}

// The rule shows in what becomes of vendor/modules.txt.
func vendorRule(in *Input) Answer {
	checked, _ := zip.CheckFiles([]zip.File{
		memory{"go.mod", []byte(in.Data)},
		memory{"vendor/modules.txt", nil},
	})
	for _, name := range checked.Valid {
		if name == "vendor/modules.txt" {
			return value("old")
		}
	}
	return value("new")
}

// memory is a file and its own description.
type memory struct {
	path string
	data []byte
}

func (f memory) Path() string                 { return f.path }
func (f memory) Lstat() (os.FileInfo, error)  { return f, nil }
func (f memory) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.data)), nil }
func (f memory) Name() string                 { return f.path }
func (f memory) Size() int64                  { return int64(len(f.data)) }
func (f memory) Mode() os.FileMode            { return 0o644 }
func (f memory) ModTime() time.Time           { return time.Time{} }
func (f memory) IsDir() bool                  { return false }
func (f memory) Sys() any                     { return nil }
