// Command gomod-benches hashes the module zips that it is told of, one path a line, and answers each with the
// nanoseconds that it took and the hash.
package main

import (
	"bufio"
	"fmt"
	"os"
	"time"

	"golang.org/x/mod/sumdb/dirhash"
)

func main() {
	paths := bufio.NewScanner(os.Stdin)
	for paths.Scan() {
		start := time.Now()
		h1, err := dirhash.HashZip(paths.Text(), dirhash.Hash1)
		took := time.Since(start)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Println(took.Nanoseconds(), h1)
	}
}
