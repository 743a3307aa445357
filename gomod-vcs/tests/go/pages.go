// Command pages says which go-import tags Go's encoding/xml finds in pages: the file named on the command line has one
// page a line, in base64. Each answer is a line: the tags in order, or what is wrong.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"os"
	"strings"
)

type answer struct {
	Tags  [][]string
	Error string
}

func main() {
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<24)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		page, err := base64.StdEncoding.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		if err := out.Encode(tags(page)); err != nil {
			panic(err)
		}
	}
}

func tags(page []byte) answer {
	d := xml.NewDecoder(bytes.NewReader(page))
	d.Strict = false
	d.CharsetReader = func(name string, in io.Reader) (io.Reader, error) {
		if lower := strings.ToLower(name); lower == "utf-8" || lower == "ascii" {
			return in, nil
		}
		return nil, fmt.Errorf("another charset")
	}
	a := answer{Tags: [][]string{}}
	for {
		token, err := d.RawToken()
		if err != nil {
			if err != io.EOF && len(a.Tags) == 0 {
				a.Error = err.Error()
			}
			return a
		}
		switch token := token.(type) {
		case xml.EndElement:
			if strings.EqualFold(token.Name.Local, "head") {
				return a
			}
		case xml.StartElement:
			if strings.EqualFold(token.Name.Local, "body") {
				return a
			}
			fields := strings.Fields(value(token, "content"))
			known := strings.EqualFold(token.Name.Local, "meta") && value(token, "name") == "go-import"
			if known && (len(fields) == 3 || len(fields) == 4) {
				a.Tags = append(a.Tags, fields)
			}
		}
	}
}

func value(element xml.StartElement, name string) string {
	for _, attribute := range element.Attr {
		if strings.EqualFold(attribute.Name.Local, name) {
			return attribute.Value
		}
	}
	return ""
}
