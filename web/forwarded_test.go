package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
)

// forwardedCases are what proxies at 10.0.0.0/8 and others say; the want of a
// request that is refused is "".
var forwardedCases = []struct {
	name, peer, xff, std, want string
}{
	{"nobody in between", "203.0.113.9:5", "", "", "203.0.113.9"},
	{"a stranger says so", "203.0.113.9:5", "127.0.0.1", "", "203.0.113.9"},
	{"a stranger says so, the other way", "203.0.113.9:5", "", "for=127.0.0.1", "203.0.113.9"},
	{"a proxy", "10.0.0.1:5", "198.51.100.7", "", "198.51.100.7"},
	{"a proxy, IPv6", "10.0.0.1:5", "2001:db8::7", "", "2001:db8::7"},
	{"a proxy that adds the port", "10.0.0.1:5", "198.51.100.7:4711", "", "198.51.100.7"},
	{"a proxy that adds the port, IPv6", "10.0.0.1:5", "[2001:db8::7]:4711", "", "2001:db8::7"},
	{"a client that made up the first", "10.0.0.1:5", "127.0.0.1, 198.51.100.7", "", "198.51.100.7"},
	{"a client that made up nonsense", "10.0.0.1:5", "<script>, 198.51.100.7", "", "198.51.100.7"},
	{"two proxies", "10.0.0.1:5", "198.51.100.7, 10.0.0.2", "", "198.51.100.7"},
	{"a client behind the same network", "10.0.0.1:5", "10.0.0.3", "", "10.0.0.3"},
	{"the standard's header", "10.0.0.1:5", "", `for="[2001:db8::7]:4711";proto=https;by=10.0.0.1`, "2001:db8::7"},
	{"the standard's header, two", "10.0.0.1:5", "", "for=127.0.0.1, For=198.51.100.7", "198.51.100.7"},
	{"mapped", "[::ffff:10.0.0.1]:5", "::ffff:198.51.100.7", "", "198.51.100.7"},
	{"the proxy itself", "10.0.0.1:5", "", "", "10.0.0.1"},
	{"both headers", "10.0.0.1:5", "198.51.100.7", "for=127.0.0.1", ""},
	{"unknown", "10.0.0.1:5", "unknown", "", ""},
	{"obfuscated", "10.0.0.1:5", "", "for=_hidden", ""},
	{"no for", "10.0.0.1:5", "", "proto=https", ""},
	{"for twice", "10.0.0.1:5", "", "for=127.0.0.1;for=198.51.100.7", ""},
	{"empty last", "10.0.0.1:5", "198.51.100.7,", "", ""},
	{"too many", "10.0.0.1:5", strings.Repeat("10.0.0.2, ", maxHops) + "10.0.0.2", "", ""},
}

func setForwarded(r *http.Request, xff, std string) {
	if xff != "" {
		r.Header["X-Forwarded-For"] = []string{xff}
	}
	if std != "" {
		r.Header["Forwarded"] = []string{std}
	}
}

func TestForwarded(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range forwardedCases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
			r.RemoteAddr = c.peer
			setForwarded(r, c.xff, c.std)
			got, remote := "", ""
			w := httptest.NewRecorder()
			forwarded(proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got, remote = clientOf(r).addr.String(), r.RemoteAddr
			})).ServeHTTP(w, r)
			if got != c.want || (w.Code == http.StatusBadRequest) != (c.want == "") {
				t.Errorf("got %q, %d; want %q", got, w.Code, c.want)
			}
			if c.want != "" && netip.MustParseAddrPort(remote).Addr().String() != c.want {
				t.Errorf("those who come after see %s", remote)
			}
			if c.name == "nobody in between" && remote != c.peer {
				t.Errorf("its port is lost: %s", remote)
			}
		})
	}
}

// TestWhoIsOnTheLAN: without a password, who is near may look, and nobody gets
// near by a proxy that is not known.
func TestWhoIsOnTheLAN(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, c := range []struct {
		name, peer, xff string
		status          int
	}{
		{"this machine", "127.0.0.1:5", "", 200},
		{"this machine, IPv6", "[::1]:5", "", 200},
		{"the network", "192.168.1.9:5", "", 200},
		{"the network, IPv6", "[fd00::1]:5", "", 200},
		{"the link", "[fe80::1%lo]:5", "", 200},
		{"an overlay", "100.64.1.1:5", "", 200},
		{"the Internet", "203.0.113.9:5", "", 401},
		{"the Internet, IPv6", "[2001:db8::1]:5", "", 401},
		{"the Internet through a port that is forwarded, mapped", "[::ffff:203.0.113.9]:5", "", 401},
		{"an unknown proxy on this machine", "127.0.0.1:5", "203.0.113.9", 401},
		{"an unknown proxy for the network", "127.0.0.1:5", "192.168.1.9", 401},
		{"a known proxy for the Internet", "10.0.0.1:5", "203.0.113.9", 401},
		{"a known proxy for the network", "10.0.0.1:5", "192.168.1.9", 200},
		{"no address", "@", "", 401},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := get("/")
			r.RemoteAddr = c.peer
			setForwarded(r, c.xff, "")
			if res := serve(t, Config{Proxies: proxies}, r); res.StatusCode != c.status {
				t.Errorf("%s, want %d", res.Status, c.status)
			}
		})
	}
}

// TestSecureCookie: behind a proxy that speaks https the cookie goes nowhere
// else; others cannot say so.
func TestSecureCookie(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.1/32")}
	for _, c := range []struct {
		peer, proto string
		secure      bool
	}{
		{"10.0.0.1:5", "https", true},
		{"10.0.0.1:5", "http", false},
		{"203.0.113.9:5", "https", false},
	} {
		r := post("/login", "password=look")
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", "203.0.113.9")
		r.Header.Set("X-Forwarded-Proto", c.proto)
		res := serve(t, Config{Door: newDoor(t), Proxies: proxies}, r)
		if cookies := res.Cookies(); len(cookies) != 1 || cookies[0].Secure != c.secure {
			t.Errorf("%s by %s: %v", c.proto, c.peer, cookies)
		}
	}
}

func TestLoginLanguages(t *testing.T) {
	for accept, want := range map[string]string{
		"":                                      "en",
		"zh-CN,zh;q=0.9,en;q=0.8":               "zh",
		"en-GB,en;q=0.9,zh;q=0.8":               "en",
		"fr-FR,fr;q=0.9,zh-TW;q=0.5":            "zh",
		"de":                                    "en",
		"zh;q=0, en;q=0.1":                      "en",
		"zh;q=x":                                "en",
		strings.Repeat("zh;q=0.1,", 200) + "en": "en",
	} {
		if got := loginWordsFor(accept).Lang; got != want {
			t.Errorf("%.40s: %s, want %s", accept, got, want)
		}
	}
	r := get("/login")
	r.Header.Set("Accept-Language", "zh")
	if text := body(t, serve(t, Config{Door: newDoor(t)}, r)); !strings.Contains(text, `lang="zh"`) || !strings.Contains(text, "密码") {
		t.Error("the form is not in Chinese")
	}
}
