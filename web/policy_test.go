package web

import (
	"net/http"
	"strings"
	"testing"
)

func request(host string, origins ...string) *http.Request {
	r := &http.Request{Method: http.MethodGet, Host: host, Header: http.Header{}}
	for _, o := range origins {
		r.Header.Add("Origin", o)
	}
	return r
}

func TestAllowsHost(t *testing.T) {
	own := OwnNames("raspberrypi")
	cases := []struct {
		name   string
		policy Policy
		host   string
		want   bool
	}{
		{"ipv4", Policy{}, "192.168.1.5:1990", true},
		{"public ipv4", Policy{}, "203.0.113.9:1990", true},
		{"ipv6", Policy{}, "[fd00::2]:1990", true},
		{"ipv6 without port", Policy{}, "[::1]", true},
		{"localhost", Policy{}, "localhost:1990", true},
		{"localhost in capitals", Policy{}, "LOCALHOST", true},
		{"localhost with dot", Policy{}, "localhost.:1990", true},
		{"local name", Policy{}, "raspberrypi.local:1990", true},
		{"local name with dot", Policy{}, "RaspberryPi.Local.", true},
		{"local as a label of a foreign name", Policy{}, "raspberrypi.local.evil.example", false},
		{"local without a label", Policy{}, "local", false},
		{"ends like local", Policy{}, "evillocal", false},
		{"starts like localhost", Policy{}, "localhost.evil.example", false},
		{"ends like localhost", Policy{}, "evil-localhost", false},
		{"below localhost", Policy{}, "evil.localhost", false},
		{"rebinding", Policy{}, "evil.example:1990", false},
		{"rebinding with an address in the name", Policy{}, "192.168.1.5.nip.example", false},
		{"rebinding with own name in front", Policy{OwnNames: own}, "raspberrypi.evil.example", false},
		{"almost an address", Policy{}, "192.168.1", false},
		{"decimal address", Policy{}, "3232235781", false},
		{"hexadecimal address", Policy{}, "0xc0a80105", false},
		{"octal address", Policy{}, "0300.0250.01.05", false},
		{"own name", Policy{OwnNames: own}, "raspberrypi:1990", true},
		{"own name in capitals", Policy{OwnNames: own}, "RASPBERRYPI", true},
		{"own name under lan", Policy{OwnNames: own}, "raspberrypi.lan", true},
		{"own name under a public suffix", Policy{OwnNames: own}, "raspberrypi.box", false},
		{"another's name", Policy{OwnNames: own}, "octopi", false},
		{"listed", Policy{AllowHosts: []string{"cam.example.org"}}, "cam.example.org", true},
		{"listed, with port", Policy{AllowHosts: []string{"cam.example.org"}}, "cam.example.org:8443", true},
		{"listed in capitals", Policy{AllowHosts: []string{"Cam.Example.ORG."}}, "cam.example.org", true},
		{"listed is not a suffix", Policy{AllowHosts: []string{"example.org"}}, "cam.example.org", false},
		{"listed is not a prefix", Policy{AllowHosts: []string{"cam"}}, "cam.evil.example", false},
		{"listed punycode", Policy{AllowHosts: []string{"xn--bro-hoa.example"}}, "xn--bro-hoa.example", true},
		{"look-alike of a listed name", Policy{AllowHosts: []string{"buro.example"}}, "xn--bro-hoa.example", false},
		{"any", Policy{AllowHosts: []string{"*"}}, "evil.example", true},
		{"an origin is no host", Policy{AllowOrigins: []string{"cam.example.org", "*"}}, "cam.example.org", false},
		{"empty", Policy{}, "", false},
		{"empty is never listed", Policy{AllowHosts: []string{""}, OwnNames: []string{""}}, "", false},
		{"user info", Policy{}, "localhost@evil.example", false},
		{"user info the other way", Policy{}, "evil.example@localhost", false},
		{"garbage", Policy{AllowHosts: []string{"%%%"}}, "%%%", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.policy.AllowsHost(request(c.host)); got != c.want {
				t.Errorf("AllowsHost(Host: %q) = %v, want %v", c.host, got, c.want)
			}
		})
	}
}

// originCases feed the table test and the fuzz seeds.
var originCases = []struct {
	name   string
	allow  []string
	host   string
	origin string
	want   bool
}{
	{"same host", nil, "192.168.1.5:1990", "http://192.168.1.5:1990", true},
	{"same host, another port", nil, "192.168.1.5:1990", "http://192.168.1.5:8080", true},
	{"same host, no port", nil, "pi.local:1990", "http://pi.local", true},
	{"same host, https in front", nil, "pi.local", "https://pi.local", true},
	{"same host, capitals", nil, "PI.local:1990", "http://pi.LOCAL:1990", true},
	{"same host, dot", nil, "pi.local.:1990", "http://pi.local", true},
	{"same host, ipv6", nil, "[fd00::2]:1990", "http://[fd00::2]:8080", true},
	{"same host, ipv6 spelled differently", nil, "[fd00:0::2]:1990", "http://[FD00::2]", true},
	{"same host, trailing slash", nil, "localhost:1990", "http://localhost/", true},
	{"localhost is not its address", nil, "127.0.0.1:1990", "http://localhost:1990", false},
	{"another host", nil, "192.168.1.5:1990", "http://192.168.1.6:1990", false},
	{"foreign site", nil, "192.168.1.5:1990", "https://evil.example", false},
	{"foreign site with our name in front", nil, "pi.local", "http://pi.local.evil.example", false},
	{"foreign site with our name at the end", nil, "pi.local", "http://evilpi.local", false},
	{"foreign site with our name as user", nil, "pi.local", "http://pi.local@evil.example", false},
	{"user info before our name", nil, "pi.local", "http://evil.example@pi.local", false},
	{"our name in the path", nil, "pi.local", "http://evil.example/pi.local", false},
	{"a page of ours with path", nil, "pi.local", "http://pi.local/x", false},
	{"query", nil, "pi.local", "http://pi.local?x", false},
	{"fragment", nil, "pi.local", "http://pi.local#x", false},
	{"backslash", nil, "pi.local", `http://pi.local\evil.example`, false},
	{"two origins in one", nil, "pi.local", "http://pi.local http://evil.example", false},
	{"app scheme with our name", nil, "localhost:1990", "capacitor://localhost", false},
	{"extension scheme", nil, "localhost:1990", "chrome-extension://localhost", false},
	{"no scheme", nil, "pi.local", "pi.local", false},
	{"empty scheme", nil, "pi.local", "://pi.local", false},
	{"scheme only", nil, "pi.local", "http://", false},
	{"empty", nil, "pi.local", "", false},
	{"garbage", nil, "pi.local", "%zz", false},
	{"bad port", nil, "pi.local", "http://pi.local:99999", false},
	{"null", nil, "pi.local", "null", false},
	{"file", nil, "pi.local", "file://", false},
	{"null, listed", []string{"null"}, "pi.local", "null", true},
	{"file, with null listed", []string{"null"}, "pi.local", "file://", false},
	{"null listed lets no site in", []string{"null"}, "pi.local", "https://evil.example", false},
	{"null is not the host null", []string{"null"}, "pi.local", "http://null", false},
	{"star", []string{"*"}, "pi.local", "https://evil.example", true},
	{"star takes null", []string{"*"}, "pi.local", "null", true},
	{"star as Origin", nil, "pi.local", "*", false},
	{"star is not a pattern", []string{"*.example.org"}, "pi.local", "https://cam.example.org", false},
	{"listed origin", []string{"https://home.example.org:8123"}, "pi.local", "https://home.example.org:8123", true},
	{"listed origin, another port", []string{"https://home.example.org:8123"}, "pi.local", "https://home.example.org", false},
	{"listed origin, another scheme", []string{"https://home.example.org"}, "pi.local", "http://home.example.org", false},
	{"listed origin, default port spelled out", []string{"https://home.example.org:443"}, "pi.local", "https://home.example.org", true},
	{"listed origin, sloppily", []string{"HTTPS://Home.Example.org/"}, "pi.local", "https://home.example.org", true},
	{"listed origin, below it", []string{"https://example.org"}, "pi.local", "https://cam.example.org", false},
	{"listed host", []string{"home.example.org"}, "pi.local", "https://home.example.org:8123", true},
	{"listed host, app scheme", []string{"localhost"}, "pi.local", "capacitor://localhost", false},
	{"listed app", []string{"capacitor://localhost"}, "pi.local", "capacitor://localhost", true},
	{"listed ipv6", []string{"fd00::7"}, "pi.local", "http://[fd00::7]:80", true},
	{"listed punycode", []string{"xn--bro-hoa.example"}, "pi.local", "https://xn--bro-hoa.example", true},
	{"look-alike", []string{"buro.example"}, "pi.local", "https://xn--bro-hoa.example", false},
	{"unreadable Host matches nothing", nil, "@@", "http://@@", false},
}

func TestAllowsOrigin(t *testing.T) {
	for _, c := range originCases {
		t.Run(c.name, func(t *testing.T) {
			p := Policy{AllowOrigins: c.allow}
			if got := p.AllowsOrigin(request(c.host, c.origin)); got != c.want {
				t.Errorf("AllowsOrigin(Host: %q, Origin: %q) with %q = %v, want %v", c.host, c.origin, c.allow, got, c.want)
			}
		})
	}
	if !(Policy{}).AllowsOrigin(request("pi.local")) {
		t.Error("a request without Origin is refused")
	}
	if (Policy{}).AllowsOrigin(request("pi.local", "http://pi.local", "https://evil.example")) {
		t.Error("a second Origin is overlooked")
	}
	if (Policy{AllowHosts: []string{"evil.example"}}).AllowsOrigin(request("pi.local", "https://evil.example")) {
		t.Error("a listed host counts as a listed origin")
	}
}

// FuzzAllowsOrigin: with nothing listed, whoever gets in names our host.
func FuzzAllowsOrigin(f *testing.F) {
	for _, c := range originCases {
		f.Add(c.host, c.origin)
	}
	f.Fuzz(func(t *testing.T, host, from string) {
		if !(Policy{}).AllowsOrigin(request(host, from)) {
			return
		}
		ours, _, ok := splitHost(host)
		o, parsed := parseOrigin(from)
		if !ok || !parsed || o.host != ours {
			t.Errorf("Host %q let Origin %q in", host, from)
		}
	})
}

func TestCheck(t *testing.T) {
	good := Policy{
		AllowHosts:   []string{"*", "cam.example.org", "CAM.example.org.", "pi", "192.168.1.5", "fd00::2", "[fd00::2]", "xn--bro-hoa.example"},
		AllowOrigins: []string{"*", "null", "https://home.example.org:8123", "http://pi.lan/", "home.example.org", "capacitor://localhost"},
	}
	if err := good.Check(); err != nil {
		t.Errorf("Check: %v", err)
	}
	for _, entry := range []string{"", "http://cam.example.org", "cam.example.org:1990", "*.example.org", "büro.example", "a b", "/"} {
		err := Policy{AllowHosts: []string{"ok.example", entry}}.Check()
		if err == nil || !strings.Contains(err.Error(), "allow-host") {
			t.Errorf("Check of allowed host %q = %v, want an error that names the flag", entry, err)
		}
	}
	for _, entry := range []string{"", "http://", "https://a/b", "home.example.org:8123", "https://*.example.org", "https://u@example.org", "https://büro.example"} {
		err := Policy{AllowOrigins: []string{"ok.example", entry}}.Check()
		if err == nil || !strings.Contains(err.Error(), "allow-origin") {
			t.Errorf("Check of allowed origin %q = %v, want an error that names the flag", entry, err)
		}
	}
}
