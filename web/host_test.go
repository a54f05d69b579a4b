package web

import (
	"strings"
	"testing"
)

// hostCases feed the table test and the fuzz seeds.
var hostCases = []struct {
	name, in, host, port string
	ok                   bool
}{
	{"name", "cam.example.org", "cam.example.org", "", true},
	{"name and port", "cam.example.org:1990", "cam.example.org", "1990", true},
	{"case", "CAM.Example.ORG", "cam.example.org", "", true},
	{"trailing dot", "cam.example.org.:80", "cam.example.org", "80", true},
	{"two trailing dots", "cam.example.org..", "", "", false},
	{"underscore", "my_pi.local", "my_pi.local", "", true},
	{"punycode", "xn--bro-hoa.example", "xn--bro-hoa.example", "", true},
	{"raw unicode", "büro.example", "", "", false},
	{"fullwidth dot", "cam。example", "", "", false},
	{"ipv4", "192.168.1.5:1990", "192.168.1.5", "1990", true},
	{"ipv4 trailing dot", "192.168.1.5.", "192.168.1.5", "", true},
	{"ipv6", "[::1]", "::1", "", true},
	{"ipv6 and port", "[fd00::2]:1990", "fd00::2", "1990", true},
	{"ipv6 long form", "[0:0:0:0:0:0:0:1]", "::1", "", true},
	{"ipv6 upper case", "[FE80::ABCD]", "fe80::abcd", "", true},
	{"ipv6 zone", "[fe80::1%25eth0]:1990", "fe80::1", "1990", true},
	{"ipv6 bare", "::1", "", "", false},
	{"ipv6 unclosed", "[::1", "", "", false},
	{"ipv6 unopened", "::1]", "", "", false},
	{"ipv6 doubled", "[[::1]]", "", "", false},
	{"ipv6 tail", "[::1]evil.example", "", "", false},
	{"ipv4 in brackets", "[127.0.0.1]", "", "", false},
	{"name in brackets", "[localhost]", "", "", false},
	{"empty", "", "", "", false},
	{"only port", ":1990", "", "", false},
	{"only dot", ".", "", "", false},
	{"empty label", "a..b", "", "", false},
	{"leading dot", ".local", "", "", false},
	{"empty port", "localhost:", "", "", false},
	{"port too large", "localhost:65536", "", "", false},
	{"port negative", "localhost:-1", "", "", false},
	{"port signed", "localhost:+80", "", "", false},
	{"port name", "localhost:http", "", "", false},
	{"port leading zero", "localhost:0080", "localhost", "80", true},
	{"two ports", "localhost:1:2", "", "", false},
	{"user info", "localhost@evil.example", "", "", false},
	{"user and password", "a:b@localhost", "", "", false},
	{"path", "localhost/x", "", "", false},
	{"query", "localhost?x", "", "", false},
	{"space", "local host", "", "", false},
	{"leading space", " localhost", "", "", false},
	{"newline", "localhost\r\nX: y", "", "", false},
	{"nul", "localhost\x00", "", "", false},
	{"percent", "local%68ost", "", "", false},
	{"label too long", strings.Repeat("a", 64) + ".local", "", "", false},
	{"name too long", strings.Repeat("a.", 127) + "local", "", "", false},
}

func TestSplitHost(t *testing.T) {
	for _, c := range hostCases {
		t.Run(c.name, func(t *testing.T) {
			host, port, ok := splitHost(c.in)
			if ok != c.ok {
				t.Fatalf("splitHost(%q) ok = %v, want %v", c.in, ok, c.ok)
			}
			if ok && (host != c.host || port != c.port) {
				t.Errorf("splitHost(%q) = %q, %q; want %q, %q", c.in, host, port, c.host, c.port)
			}
		})
	}
}

// FuzzSplitHost: whatever is accepted is in the one spelling, and stays so.
func FuzzSplitHost(f *testing.F) {
	for _, c := range hostCases {
		f.Add(c.in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		host, port, ok := splitHost(in)
		if !ok {
			return
		}
		if strings.ContainsAny(host, "@/?#%[] \r\n\x00") || host != strings.ToLower(host) {
			t.Errorf("splitHost(%q) accepted %q", in, host)
		}
		again := host
		if strings.Contains(host, ":") {
			again = "[" + host + "]"
		}
		if port != "" {
			again += ":" + port
		}
		if h, p, ok := splitHost(again); !ok || h != host || p != port {
			t.Errorf("splitHost(%q) = %q, %q, %v; want what it gave for %q: %q, %q", again, h, p, ok, in, host, port)
		}
	})
}
