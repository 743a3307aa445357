// Command tables writes src/text/unicode/tables.rs of gomod-module: what the Go that runs it knows about characters.
//
//	go run tables/main.go >src/text/unicode/tables.rs
package main

import (
	"bufio"
	"fmt"
	"os"
	"unicode"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	fmt.Fprintf(w, `// Written by tables/main.go from Go's package unicode. Rust's own tables follow the compiler's Unicode version, which
// would let the compiler decide which zips are valid.

/// The version of Unicode whose letters, cases and printable characters count: that of Go 1.26.
pub const UNICODE_VERSION: &str = "%s";
`, unicode.Version)
	changes(w, "LETTER_CHANGES", "Where the answer to \"is it a letter?\" (`unicode.IsLetter`) changes, starting with no at 0.", unicode.IsLetter)
	changes(w, "PRINT_CHANGES", "Where the answer to \"is it printable?\" (`unicode.IsPrint`) changes, starting with no at 0.", unicode.IsPrint)
	changes(w, "HIDDEN_CHANGES", "Where the answer to \"is it printable, and no picture of its own?\" changes, starting with no at 0: marks that combine\n/// with what stands before them, what a renderer may leave out (`Other_Default_Ignorable_Code_Point`), and blanks.", isHidden)
	folds(w)
}

// The printable characters that a reader cannot tell from their absence, or that change how others look.
func isHidden(c rune) bool {
	const braillePatternBlank, musicalNullNotehead = 0x2800, 0x1d159
	blank := c == braillePatternBlank || c == musicalNullNotehead
	return unicode.IsPrint(c) && (blank || unicode.In(c, unicode.M, unicode.Other_Default_Ignorable_Code_Point))
}

func changes(w *bufio.Writer, name, doc string, is func(rune) bool) {
	var items []string
	for c, last := rune(0), false; c <= unicode.MaxRune+1; c++ {
		if now := c <= unicode.MaxRune && is(c); now != last {
			items = append(items, fmt.Sprintf("%#x", c))
			last = now
		}
	}
	list(w, name, doc, "u32", items)
}

// A run of characters, step apart, each of which folds to itself plus delta.
type run struct{ first, last, step, delta rune }

func folds(w *bufio.Writer) {
	var runs []run
	for c := rune(0x80); c <= unicode.MaxRune; c++ {
		delta := fold(c) - c
		if delta == 0 {
			continue
		}
		if n := len(runs) - 1; n >= 0 && runs[n].delta == delta {
			r := &runs[n]
			gap := c - r.last
			if gap == r.step || r.first == r.last && gap <= 2 {
				r.last, r.step = c, gap
				continue
			}
		}
		runs = append(runs, run{c, c, 1, delta})
	}
	var items []string
	for _, r := range runs {
		items = append(items, fmt.Sprintf("(%#x, %#x, %d, %d)", r.first, r.last, r.step, r.delta))
	}
	list(w, "FOLDS", "Characters beyond ASCII that fold to a smaller one: first, last, step, and what to add to each.", "(u32, u32, u32, i32)", items)
}

// The smallest character of c's orbit, but a lower-case letter for ASCII.
func fold(c rune) rune {
	least := c
	for next := unicode.SimpleFold(c); next != c; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

func list(w *bufio.Writer, name, doc, kind string, items []string) {
	fmt.Fprintf(w, "\n/// %s\n#[rustfmt::skip]\npub(super) const %s: [%s; %d] = [", doc, name, kind, len(items))
	const width = 110
	line := width
	for _, item := range items {
		if line+len(item)+2 > width {
			fmt.Fprint(w, "\n   ")
			line = 3
		}
		fmt.Fprintf(w, " %s,", item)
		line += len(item) + 2
	}
	fmt.Fprint(w, "\n];\n")
}
