// Command gomod-fuzz answers operations of the vector files as golang.org/x/mod does: one request a line,
// {"op":"check_path","in":{...}}, and one answer a line, {"ok":true,"value":...,"error":"..."}.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"unicode/utf8"
)

// Bytes is a string of the vector files: a JSON string, or {"b64":"..."} where it is not UTF-8.
type Bytes string

func (b *Bytes) UnmarshalJSON(data []byte) error {
	var odd struct {
		B64 []byte `json:"b64"`
	}
	if len(data) > 0 && data[0] == '{' {
		err := json.Unmarshal(data, &odd)
		*b = Bytes(odd.B64)
		return err
	}
	return json.Unmarshal(data, (*string)(b))
}

func (b Bytes) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(b)) {
		return json.Marshal(string(b))
	}
	return json.Marshal(map[string]string{"b64": base64.StdEncoding.EncodeToString([]byte(b))})
}

// Input holds the arguments of every operation.
type Input struct {
	Path, Version, V, W, Older, Major, Rev, Time, Globs, Target, Pattern, Name, Data, File, Key, Note, Text, Msg, S Bytes
	PathMajor                                                                                                       Bytes `json:"path_major"`
	Verifiers                                                                                                       []Bytes
	List                                                                                                            json.RawMessage
}

// Answer is that of an operation.
type Answer struct {
	OK    bool  `json:"ok"`
	Value any   `json:"value,omitempty"`
	Error Bytes `json:"error,omitempty"`
}

func value(v any) Answer { return Answer{OK: true, Value: v} }

func check(err error) Answer { return result(nil, err) }

// The value stands only where there is no error.
func result(v any, err error) Answer {
	if err != nil {
		return Answer{Error: Bytes(err.Error())}
	}
	return value(v)
}

// The value stands beside an error.
func partial(v any, err error) Answer {
	answer := result(nil, err)
	answer.Value = v
	return answer
}

func answer(op string, in *Input) (out Answer) {
	defer func() {
		if p := recover(); p != nil {
			out = Answer{Error: Bytes(fmt.Sprint("panic: ", p))}
		}
	}()
	for _, operations := range []map[string]func(*Input) Answer{names, files, zips, sums} {
		if run := operations[op]; run != nil {
			return run(in)
		}
	}
	log.Fatalf("unknown operation %s", op)
	return
}

func main() {
	requests := bufio.NewReaderSize(os.Stdin, 1<<20)
	answers := bufio.NewWriter(os.Stdout)
	for {
		line, err := requests.ReadBytes('\n')
		if err != nil {
			return
		}
		var request struct {
			Op string
			In Input
		}
		if err := json.Unmarshal(line, &request); err != nil {
			log.Fatalf("%s: %v", line, err)
		}
		data, err := json.Marshal(answer(request.Op, &request.In))
		if err != nil {
			log.Fatal(err)
		}
		answers.Write(append(data, '\n'))
		if requests.Buffered() == 0 {
			answers.Flush()
		}
	}
}
