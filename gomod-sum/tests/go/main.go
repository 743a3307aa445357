// Command main answers requests, one JSON object each on standard input, with what golang.org/x/mod/sumdb and
// crypto/ed25519 say.
package main

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/mod/sumdb"
)

// text is a string as the vector files write it.
type text string

func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
		return nil
	}
	var b struct{ B64 []byte }
	err := json.Unmarshal(data, &b)
	*t = text(b.B64)
	return err
}

func (t text) MarshalJSON() ([]byte, error) {
	if utf8.ValidString(string(t)) {
		return json.Marshal(string(t))
	}
	return json.Marshal(map[string]string{"b64": base64.StdEncoding.EncodeToString([]byte(t))})
}

type request struct {
	Op                      string
	PublicKey, Message, Sig string
	Key                     text
	TileHeight              int `json:"tile_height"`
	GONOSUMDB               text
	Latest                  text
	Remote, Cache           map[string]text
	Lookups                 []struct{ Path, Version text }
}

func main() {
	requests := json.NewDecoder(os.Stdin)
	answers := json.NewEncoder(os.Stdout)
	for {
		var r request
		if err := requests.Decode(&r); err != nil {
			return
		}
		if r.Op == "verify" {
			answers.Encode(ed25519.Verify(unhex(r.PublicKey), unhex(r.Message), unhex(r.Sig)))
		} else {
			answers.Encode(r.lookup())
		}
	}
}

func unhex(s string) []byte {
	b, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return b
}

type lookup struct {
	Ok    bool     `json:"ok"`
	Lines []string `json:"lines,omitempty"`
	Error string   `json:"error,omitempty"`
}

type answer struct {
	Lookups       []lookup `json:"lookups"`
	RemoteReads   []string `json:"remote_reads"`
	CacheWrites   []string `json:"cache_writes"`
	Latest        text     `json:"latest"`
	LatestWrites  int      `json:"latest_writes"`
	SecurityError bool     `json:"security_error"`
}

// ops is a database and a machine, in memory.
type ops struct {
	mu sync.Mutex
	r  *request
	a  answer
}

func (r *request) lookup() answer {
	o := &ops{r: r}
	o.a.RemoteReads = []string{}
	o.a.Latest = r.Latest
	client := sumdb.NewClient(o)
	client.SetTileHeight(r.TileHeight)
	for _, l := range r.Lookups {
		lines, err := client.Lookup(string(l.Path), string(l.Version))
		if err != nil {
			o.a.Lookups = append(o.a.Lookups, lookup{Error: err.Error()})
		} else {
			o.a.Lookups = append(o.a.Lookups, lookup{Ok: true, Lines: lines})
		}
	}
	sort.Strings(o.a.RemoteReads)
	sort.Strings(o.a.CacheWrites)
	return o.a
}

func (o *ops) ReadRemote(path string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.a.RemoteReads = append(o.a.RemoteReads, path)
	if data, ok := o.r.Remote[path]; ok {
		return []byte(data), nil
	}
	return nil, errors.New(path + ": 404 Not Found")
}

func (o *ops) ReadConfig(file string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if file == "key" {
		return []byte(o.r.Key), nil
	}
	return []byte(o.a.Latest), nil
}

func (o *ops) WriteConfig(file string, old, new []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if string(o.a.Latest) != string(old) {
		return sumdb.ErrWriteConflict
	}
	o.a.Latest = text(new)
	o.a.LatestWrites++
	return nil
}

func (o *ops) ReadCache(file string) ([]byte, error) {
	if data, ok := o.r.Cache[file]; ok {
		return []byte(data), nil
	}
	return nil, errors.New("not cached")
}

func (o *ops) WriteCache(file string, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.a.CacheWrites = append(o.a.CacheWrites, file)
}

func (o *ops) Log(msg string) {}

func (o *ops) SecurityError(msg string) {
	if !strings.HasPrefix(msg, "SECURITY ERROR\n") {
		panic(msg)
	}
	o.a.SecurityError = true
}
