package main

import (
	archive "archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// The operations on a zip, by the names of the fields of the zip index.
var zips = map[string]func(*Input) Answer{
	"check_zip": checkZip,
	"hash_zip":  func(in *Input) Answer { return text(dirhash.HashZip(string(in.File), dirhash.Hash1)) },
	"list":      listZip,
	"unzip":     unzip,
	"go_download_prefix": func(in *Input) Answer {
		r, err := archive.OpenReader(string(in.File))
		if err != nil {
			return check(err)
		}
		defer r.Close()
		for _, f := range r.File {
			if !strings.HasPrefix(f.Name, string(in.Path+"@"+in.Version+"/")) {
				return check(fmt.Errorf("unexpected file %s", f.Name))
			}
		}
		return Answer{OK: true}
	},
}

// Longer lists of files are given by their number and a hash, longer lists of entries by their number and the first
// three, longer comments by their length.
const (
	maxFiles   = 60
	maxEntries = 40
	maxComment = 200
)

func (in *Input) module() module.Version {
	return module.Version{Path: string(in.Path), Version: string(in.Version)}
}

func sum(data []byte) string {
	hash := sha256.Sum256(data)
	return hex.EncodeToString(hash[:])
}

func checkZip(in *Input) Answer {
	checked, err := zip.CheckZip(in.module(), string(in.File))
	o := object{"omitted": reasons(checked.Omitted), "invalid": reasons(checked.Invalid)}
	if n := len(checked.Valid); n > maxFiles {
		o["valid_count"], o["valid_sha256"] = n, sum([]byte(strings.Join(checked.Valid, "\n")+"\n"))
		o["size_error"] = ""
	} else {
		valid := make([]Bytes, n)
		for i, name := range checked.Valid {
			valid[i] = Bytes(name)
		}
		o["valid"] = valid
	}
	if checked.SizeError != nil {
		o["size_error"] = checked.SizeError.Error()
	}
	return partial(o, err)
}

func reasons(errors []zip.FileError) []object {
	shown := []object{}
	for _, err := range errors {
		shown = append(shown, object{"path": Bytes(err.Path), "error": Bytes(err.Err.Error())})
	}
	return shown
}

func unzip(in *Input) Answer {
	dir, err := os.MkdirTemp("", "unzip")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := zip.Unzip(dir, in.module(), string(in.File)); err != nil {
		return check(err)
	}
	files := []object{}
	var lines bytes.Buffer
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(path[len(dir)+1:])
		files = append(files, object{"path": Bytes(name), "size": len(data), "sha256": sum(data)})
		return nil
	})
	if err != nil {
		panic(err)
	}
	byPath(files)
	if n := len(files); n > maxFiles {
		for _, file := range files {
			fmt.Fprintf(&lines, "%s  %s\n", file["sha256"], file["path"])
		}
		return value(object{"count": n, "listing_sha256": sum(lines.Bytes())})
	}
	return value(files)
}

func listZip(in *Input) Answer {
	r, err := archive.OpenReader(string(in.File))
	if err != nil {
		return check(err)
	}
	defer r.Close()
	o := object{}
	if len(r.Comment) > maxComment {
		o["comment_len"] = len(r.Comment)
	} else {
		o["comment"] = Bytes(r.Comment)
	}
	shown := r.File
	if len(shown) > maxEntries {
		o["entries_total"] = len(shown)
		shown = shown[:3]
	}
	entries := []object{}
	for _, f := range shown {
		entry := object{
			"name": Bytes(f.Name), "method": f.Method, "flags": f.Flags, "crc32": f.CRC32,
			"csize": f.CompressedSize64, "usize": f.UncompressedSize64, "mode": f.Mode().String(),
		}
		hash := sha256.New()
		content, err := f.Open()
		if err == nil {
			_, err = io.Copy(hash, content)
			content.Close()
		}
		if err != nil {
			entry["error"] = Bytes(err.Error())
		} else {
			entry["sha256"] = hex.EncodeToString(hash.Sum(nil))
		}
		entries = append(entries, entry)
	}
	o["entries"] = entries
	return value(o)
}

func byPath(files []object) {
	slices.SortFunc(files, func(a, b object) int { return strings.Compare(string(a["path"].(Bytes)), string(b["path"].(Bytes))) })
}
