// Command tables writes src/discovery/xml_name/tables.rs of gomod-vcs: which characters the encoding/xml of the Go that
// runs it takes in names.
//
//	go run tables/main.go >src/discovery/xml_name/tables.rs
package main

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"os"
	"strings"
	"unicode"
)

func main() {
	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	fmt.Fprint(w, `// Written by tables/main.go, which asks Go's package encoding/xml: the letters and name characters of XML 1.0, before
// its fifth edition.
`)
	changes(w, "START_CHANGES", "Where the answer to \"may a name start with it?\" changes, starting with no at 0.", func(c rune) bool {
		return isName(string(c))
	})
	changes(w, "REST_CHANGES", "Where the answer to \"may it stand later in a name?\" changes, starting with no at 0.", func(c rune) bool {
		return isName("a" + string(c))
	})
}

// A processing instruction's target is a name, and its colons are not looked at.
func isName(name string) bool {
	d := xml.NewDecoder(strings.NewReader("<?" + name + " ?>"))
	token, err := d.RawToken()
	instruction, ok := token.(xml.ProcInst)
	return err == nil && ok && instruction.Target == name
}

func changes(w *bufio.Writer, name, doc string, is func(rune) bool) {
	var items []string
	for c, last := rune(0), false; c <= unicode.MaxRune+1; c++ {
		surrogate := 0xd800 <= c && c <= 0xdfff
		if now := c <= unicode.MaxRune && !surrogate && is(c); now != last {
			items = append(items, fmt.Sprintf("%#x", c))
			last = now
		}
	}
	fmt.Fprintf(w, "\n/// %s\npub(super) const %s: [u32; %d] = [\n", doc, name, len(items))
	line := "   "
	for _, item := range items {
		if len(line)+len(item)+2 > 110 {
			fmt.Fprintln(w, line)
			line = "   "
		}
		line += " " + item + ","
	}
	fmt.Fprintf(w, "%s\n];\n", line)
}
