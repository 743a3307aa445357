// Command gomod-benches does with golang.org/x/mod what it is told, one line of tab-separated fields at a time, and
// answers each with the nanoseconds that it took and the result.
package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/zip"
)

// The names that are escaped and compared; ours are the same.
var (
	paths    = []string{"github.com/BurntSushi/toml", "golang.org/x/mod", "example.com/Some/LongerModule/path/v3"}
	versions = []string{"v1.2.3", "v1.2.4-rc.1", "v0.0.0-20240102030405-0123456789ab", "v1.10.0+incompatible"}
)

func do(fields []string) (string, error) {
	switch fields[0] {
	case "hash_zip":
		return hashes(fields[1], func(file string) (string, error) { return dirhash.HashZip(file, dirhash.Hash1) })
	case "hash_dir":
		return hashes(fields[1], func(dir string) (string, error) { return dirhash.HashDir(dir, "m@v1", dirhash.Hash1) })
	case "hash_go_mod":
		return hashGoMod(fields[1], number(fields[2]))
	case "go_sum":
		return readGoSum(fields[1])
	case "check":
		checked, err := zip.CheckZip(version(fields), fields[1])
		return strconv.Itoa(len(checked.Valid)), err
	case "unzip":
		return "", zip.Unzip(fields[4], version(fields), fields[1])
	case "create":
		out, err := os.Create(fields[4])
		if err != nil {
			return "", err
		}
		defer out.Close()
		return "", zip.CreateFromDir(out, version(fields), fields[1])
	case "escape":
		total := 0
		for range number(fields[1]) {
			for _, path := range paths {
				escaped, err := module.EscapePath(path)
				if err != nil {
					return "", err
				}
				total += len(escaped)
			}
		}
		return strconv.Itoa(total), nil
	case "compare":
		total := 0
		for range number(fields[1]) {
			for _, v := range versions {
				for _, w := range versions {
					total += semver.Compare(v, w) + 1
				}
			}
		}
		return strconv.Itoa(total), nil
	}
	return "", fmt.Errorf("unknown job %q", fields[0])
}

// hashes gives the hash of each file that is named in a line of list.
func hashes(list string, hash func(string) (string, error)) (string, error) {
	content, err := os.ReadFile(list)
	if err != nil {
		return "", err
	}
	var all []string
	for name := range strings.Lines(string(content)) {
		h1, err := hash(strings.TrimSuffix(name, "\n"))
		if err != nil {
			return "", err
		}
		all = append(all, h1)
	}
	return strings.Join(all, " "), nil
}

func hashGoMod(file string, times int) (h1 string, err error) {
	content, err := os.ReadFile(file)
	for range times {
		if err == nil {
			h1, err = dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
				return io.NopCloser(bytes.NewReader(content)), nil
			})
		}
	}
	return h1, err
}

// readGoSum counts the hashes of a go.sum that was read into a map, as the go command does, whose reader is internal.
func readGoSum(file string) (string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	sums := map[module.Version][]string{}
	total := 0
	for number := 1; len(content) > 0; number++ {
		line, rest, _ := bytes.Cut(content, []byte("\n"))
		content = rest
		fields := strings.Fields(string(line))
		if len(fields) == 0 {
			continue
		}
		if len(fields) != 3 {
			return "", fmt.Errorf("line %d: %d fields", number, len(fields))
		}
		key := module.Version{Path: fields[0], Version: fields[1]}
		sums[key] = append(sums[key], fields[2])
		total++
	}
	return strconv.Itoa(total), nil
}

func version(fields []string) module.Version {
	return module.Version{Path: fields[2], Version: fields[3]}
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		start := time.Now()
		result, err := do(strings.Split(lines.Text(), "\t"))
		took := time.Since(start)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(took.Nanoseconds(), result)
	}
}
