// Command main answers requests, one JSON object each on standard input, with what golang.org/x/mod says. Byte strings
// are in hexadecimal digits.
package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

type request struct {
	Op            string
	Files         []*file
	Dir, Zip, Out string
	Module        module.Version
}

type answer struct {
	Error   string  `json:"error,omitempty"`
	Report  *report `json:"report,omitempty"`
	H1      string  `json:"h1,omitempty"`
	DirHash string  `json:"dir_h1,omitempty"`
}

type report struct {
	Valid     []string    `json:"valid"`
	Omitted   [][2]string `json:"omitted"`
	Invalid   [][2]string `json:"invalid"`
	SizeError string      `json:"size_error"`
}

func main() {
	requests := json.NewDecoder(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		var r request
		if err := requests.Decode(&r); err != nil {
			return
		}
		a, err := r.answer()
		if err != nil {
			a.Error = hex.EncodeToString([]byte(err.Error()))
		}
		answers.Encode(a)
	}
}

func (r *request) answer() (a answer, err error) {
	var files []zip.File
	for _, f := range r.Files {
		files = append(files, f)
	}
	switch r.Op {
	case "check_files":
		cf, err := zip.CheckFiles(files)
		a.Report = newReport(cf, "")
		return a, err
	case "check_dir":
		cf, err := zip.CheckDir(r.Dir)
		a.Report = newReport(cf, r.Dir+string(filepath.Separator))
		return a, err
	case "create":
		return r.create(func(w io.Writer) error { return zip.Create(w, r.Module, files) })
	case "create_from_dir":
		return r.create(func(w io.Writer) error { return zip.CreateFromDir(w, r.Module, r.Dir) })
	case "check_zip":
		cf, err := zip.CheckZip(r.Module, r.Zip)
		a.Report = newReport(cf, "")
		return a, err
	case "accept":
		// A zip that is checked, extracted into Dir, and hashed in both forms.
		cf, err := zip.CheckZip(r.Module, r.Zip)
		a.Report = newReport(cf, "")
		if err != nil {
			return a, err
		}
		if err := zip.Unzip(r.Dir, r.Module, r.Zip); err != nil {
			return a, err
		}
		if a.H1, err = dirhash.HashZip(r.Zip, dirhash.Hash1); err != nil {
			return a, err
		}
		a.DirHash, err = dirhash.HashDir(r.Dir, r.Module.String(), dirhash.Hash1)
		return a, err
	}
	return a, errors.New("unknown operation " + r.Op)
}

func (r *request) create(create func(io.Writer) error) (a answer, err error) {
	var w bytes.Buffer
	if err := create(&w); err != nil {
		return a, err
	}
	if err := os.WriteFile(r.Out, w.Bytes(), 0o666); err != nil {
		return a, err
	}
	a.H1, err = dirhash.HashZip(r.Out, dirhash.Hash1)
	return a, err
}

func newReport(cf zip.CheckedFiles, prefix string) *report {
	below := func(path string) string { return hex.EncodeToString([]byte(path[len(prefix):])) }
	list := func(errs []zip.FileError) [][2]string {
		pairs := [][2]string{}
		for _, e := range errs {
			pairs = append(pairs, [2]string{below(e.Path), e.Err.Error()})
		}
		return pairs
	}
	r := &report{Valid: []string{}, Omitted: list(cf.Omitted), Invalid: list(cf.Invalid)}
	for _, path := range cf.Valid {
		r.Valid = append(r.Valid, below(path))
	}
	if cf.SizeError != nil {
		r.SizeError = cf.SizeError.Error()
	}
	return r
}

// file is a zip.File, and its own fs.FileInfo.
type file struct {
	HexPath string `json:"path"`
	HexData string `json:"data"`
	Kind    string
	Length  int64 `json:"size"`
	Fails   bool
}

func unhex(s string) []byte {
	data, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return data
}

func (f *file) Path() string { return string(unhex(f.HexPath)) }

func (f *file) Lstat() (fs.FileInfo, error) {
	if f.Fails {
		return nil, errors.New("stat failed")
	}
	return f, nil
}

func (f *file) Open() (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(unhex(f.HexData))), nil
}

func (f *file) Mode() fs.FileMode {
	switch f.Kind {
	case "Directory":
		return fs.ModeDir
	case "Symlink":
		return fs.ModeSymlink
	case "Irregular":
		return fs.ModeNamedPipe
	}
	return 0
}

func (f *file) Name() string       { return filepath.Base(f.Path()) }
func (f *file) Size() int64        { return f.Length }
func (f *file) ModTime() time.Time { return time.Time{} }
func (f *file) IsDir() bool        { return f.Mode().IsDir() }
func (f *file) Sys() any           { return nil }
