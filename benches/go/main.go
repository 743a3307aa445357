// Command gomod-benches does with golang.org/x/mod what it is told, one line of tab-separated fields at a time, and
// answers each with the nanoseconds that it took and the result.
package main

import (
	"bufio"
	"fmt"
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
	case "hash":
		return dirhash.HashZip(fields[1], dirhash.Hash1)
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
