package whep

import (
	"fmt"
	"strings"
	"testing"
)

// fragments are the cases of TestFragment and the seeds of FuzzFragment.
var fragments = map[string]struct {
	text string
	want string // "user/password..., candidates", or empty: cannot be read
}{
	"candidates": {trickled, "[{user 0123456789012345678901}] 1 v@0"},
	"restart":    {restarted, "[{next abcdefghijklmnopqrstuv}] 1 v@0"},
	// RFC 8840 section 9.
	"two sections": {"a=ice-pwd:asd88fgpdd777uzjYhagZg\na=ice-ufrag:8hhY\nm=audio 9 RTP/AVP 0\na=mid:1\na=candidate:1 1 UDP 2130706432 2001:db8::1 5000 typ host\n" +
		"m=audio 9 RTP/AVP 0\na=mid:2\na=candidate:1 1 UDP 2130706431 2001:db8::1 5002 typ host\n", "[{8hhY asd88fgpdd777uzjYhagZg}] 2 1@0 2@1"},
	"two users":         {"m=a\na=ice-ufrag:aaaa\nm=v\na=ice-ufrag:bbbb\na=ice-pwd:0123456789012345678901", "[{aaaa } {bbbb 0123456789012345678901}] 0"},
	"no section":        {"a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "[] 1 -@0"},
	"what is not ICE":   {"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\na=rtpmap:96 VP8/90000\r\na=end-of-candidates\r\n", "[] 0"},
	"candidate's tail":  {"a=candidate:1 1 tcp 1 192.0.2.1 9 typ host tcptype active generation 0 ufrag EsAw network-id 1\n", "[] 1 -@0"},
	"empty":             {"", ""},
	"nothing of ICE":    {"m=audio 9 RTP/AVP 0\r\na=mid:1\r\n", ""},
	"text":              {"hello", ""},
	"JSON":              {`{"candidate":"candidate:1"}`, ""},
	"an empty line":     {"a=end-of-candidates\r\n\r\na=mid:1", ""},
	"empty candidate":   {"a=candidate:", ""},
	"long candidate":    {"a=candidate:1 1 udp 1 192.0.2.1 9 typ host " + strings.Repeat("x", 2000), ""},
	"short user":        {"a=ice-ufrag:abc\n", ""},
	"long user":         {"a=ice-ufrag:" + strings.Repeat("a", 257), ""},
	"user with a space": {"a=ice-ufrag:ab cd", ""},
	"user with a CR":    {"a=ice-ufrag:abcd\ra=ice-pwd:x", ""},
	"short password":    {"a=ice-ufrag:abcd\na=ice-pwd:012345678901234567890", ""},
	"zero byte":         {"a=ice-ufrag:ab\x00cd", ""},
}

func TestFragment(t *testing.T) {
	for name, c := range fragments {
		t.Run(name, func(t *testing.T) {
			f, err := parseFragment(c.text)
			if err != nil {
				if c.want != "" {
					t.Error(err)
				}
				return
			}
			got := fmt.Sprint(f.credentials, " ", len(f.candidates))
			for _, candidate := range f.candidates {
				mid := "-"
				if candidate.SDPMid != nil {
					mid = *candidate.SDPMid
				}
				got += fmt.Sprintf(" %s@%d", mid, *candidate.SDPMLineIndex)
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// FuzzFragment reads anything without harm, and what it can read it can write:
// to a fragment that says the same of the first user.
func FuzzFragment(f *testing.F) {
	for _, c := range fragments {
		f.Add(c.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_ = credentialsOf(text)
		_ = fragmentOf(text)
		got, err := parseFragment(text)
		if err != nil || len(got.credentials) == 0 || got.credentials[0].password == "" {
			return
		}
		merged := withFragment(answerOf(0), got)
		again, err := parseFragment(fragmentOf(merged))
		if err != nil {
			t.Fatalf("%v: %q", err, merged)
		}
		if again.credentials[0] != got.credentials[0] || len(again.candidates) != len(got.candidates) {
			t.Errorf("%+v became %+v", got, again)
		}
	})
}

func TestICEServers(t *testing.T) {
	for text, want := range map[string]ICEServer{
		"stun:stun.example.org":                       {URL: "stun:stun.example.org"},
		"stuns:192.0.2.1:5349":                        {URL: "stuns:192.0.2.1:5349"},
		"stun:[2001:db8::1]:3478":                     {URL: "stun:[2001:db8::1]:3478"},
		"turn:me:secret@turn.example.org":             {URL: "turn:turn.example.org", Username: "me", Password: "secret"},
		"turns:me:a%40b@192.0.2.1:443?transport=tcp":  {URL: "turns:192.0.2.1:443?transport=tcp", Username: "me", Password: "a@b"},
		"turn:1700000000:me:x@turn.example.org":       {URL: "turn:turn.example.org", Username: "1700000000", Password: "me:x"},
		"turn:me:p@ss@turn.example.org?transport=udp": {URL: "turn:turn.example.org?transport=udp", Username: "me", Password: "p@ss"},
		"turn:turn.example.org":                       {},
		"turn:me@turn.example.org":                    {},
		"turn:me:%zz@turn.example.org":                {},
		"turn:me:%0d%0aX-Header:1@turn.example.org":   {},
		"turn:me:x@turn.example.org?transport=sctp":   {},
		"stun:me:x@stun.example.org":                  {},
		"stun:stun.example.org?transport=udp":         {},
		"stun:":                                       {},
		"stun:stun.example.org/path":                  {},
		"stun:stun.example.org>":                      {},
		"http://stun.example.org":                     {},
		"":                                            {},
	} {
		got, err := ParseICEServer(text)
		if got != want || (err != nil) != (want == ICEServer{}) {
			t.Errorf("%q: %+v, %v", text, got, err)
		}
	}
}
