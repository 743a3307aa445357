// Command main writes tests/data/no_proxy.jsonl: what golang.org/x/net/http/httpproxy decides for every value of NO_PROXY
// and every URL below. In a directory of its own: go mod init example.com/m && go get golang.org/x/net@latest && go run .
package main

import (
	"encoding/json"
	"net/url"
	"os"

	"golang.org/x/net/http/httpproxy"
)

var values = []string{
	"", "*", " * ", "**", "*.", ".", ",", " , ,", "*,lab.test", "lab.test,*",
	"lab.test", "LAB.test", " lab.test ", "\tlab.test\n", ".lab.test", "*.lab.test", "*.LAB.TEST", "*lab.test", "a.*.test", "*.*.lab.test",
	"lab.test.", "..lab.test", "*..lab.test", "test", "*.test", "mirror.lab.test", "other.test, *.lab.test", "other.test;lab.test", "other.test lab.test",
	"https://lab.test", "lab.test/", "lab.test/x", "user@lab.test", "\"lab.test\"", "lab_x.test",
	"lab.test:443", "lab.test:8443", ".lab.test:443", "*.lab.test:443", "*.lab.test:80", "lab.test:", "lab.test:x", "lab.test: 443", ":443", ":", "*:443", "*.:443", ".:443", "lab.test:443:443", "[lab.test]", "[lab.test]:443",
	"10.1.2.3", "10.1.2.3:443", "10.1.2.3:80", "10.1.2.03", "10.1.2", "10.1.2.3.", "*.2.3", ".1.2.3", "10.*", "[10.1.2.3]", "[10.1.2.3]:443",
	"10.0.0.0/8", "10.0.0.0/08", "10.0.0.0/0", "10.1.2.3/32", "10.1.2.2/31", "10.1.2.3/33", "10.1.2.3/", "10.1.2.3/-1", "10.1.2.3/+8", "10.1.2.3/8:443", "10.1.2.3/255.0.0.0", "10.0.0.0/8x", "0.0.0.0/0", "10/8", "10.0.0.0 /8",
	"2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:443", "[2001:db8::7]:80", "2001:DB8:0::7", "2001:db8::/32", "2001:db8::7/128", "2001:db8::/129", "[2001:db8::]/32", "::/0", "2001:db8::7%eth0", "fe80::/10",
	"::ffff:10.1.2.3", "::ffff:10.1.2.3/128", "::ffff:10.0.0.0/104", "::ffff:10.0.0.0/95", "::ffff:0:0/96", "::10.1.2.3",
	"münchen.test", "*.münchen.test", ".MÜNCHEN.test", "xn--mnchen-3ya.test", "*.xn--mnchen-3ya.test", "münchen.test:443", "straße.test", "日本.test", "１０.1.2.3", "mün chen.test", "*.例え。test",
	"localhost", "127.0.0.1", "::1", "unmatched.test",
}

var urls = []string{
	"https://lab.test/x", "http://lab.test/x", "https://mirror.lab.test", "https://MIRROR.Lab.Test/", "https://mirror.lab.test:8443/", "https://mirror.lab.test:443/", "https://a.b.lab.test", "https://xlab.test", "https://lab.test.",
	"https://test", "http://mirror.lab.test:80", "https://lab_x.test",
	"https://10.1.2.3/", "http://10.1.2.3/", "https://10.1.2.3:8443/", "https://11.1.2.3/", "https://10.255.0.1/",
	"https://[2001:db8::7]/", "https://[2001:db8::7]:80/", "https://[2001:db9::7]/", "https://[::ffff:10.1.2.3]/", "https://[fe80::1]/",
	"https://münchen.test/", "https://www.münchen.test/", "https://xn--mnchen-3ya.test/", "https://日本.test/", "https://straße.test/",
	"http://localhost/", "https://localhost:8443/", "http://sub.localhost/", "http://127.0.0.1/", "http://127.1.2.3:8080/", "https://[::1]/", "https://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "https://[::]/",
}

type vector struct {
	In    input    `json:"in"`
	Ok    bool     `json:"ok"`
	Value []string `json:"value"`
}

type input struct {
	NoProxy string   `json:"no_proxy"`
	URLs    []string `json:"urls"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, v := range values {
		config := httpproxy.Config{HTTPProxy: "http://proxy.corp:3128", HTTPSProxy: "http://proxy.corp:3128", NoProxy: v}
		proxy := config.ProxyFunc()
		// What is asked without the proxy.
		direct := []string{}
		for _, u := range urls {
			parsed, err := url.Parse(u)
			if err != nil {
				panic(err)
			}
			if p, err := proxy(parsed); err != nil {
				panic(err)
			} else if p == nil {
				direct = append(direct, u)
			}
		}
		out.Encode(vector{input{v, urls}, true, direct})
	}
}
