package web

import (
	"net"
	"net/netip"
	"slices"
	"testing"
)

func TestPageURLs(t *testing.T) {
	lan := []netip.Addr{netip.MustParseAddr("192.168.1.5"), netip.MustParseAddr("10.0.0.7"), netip.MustParseAddr("fd00::2")}
	cases := []struct {
		name   string
		listen string
		lan    []netip.Addr
		local  string
		want   []string
	}{
		{"everywhere", "[::]:1990", lan, "", []string{
			"http://192.168.1.5:1990/", "http://10.0.0.7:1990/", "http://[fd00::2]:1990/", "http://localhost:1990/",
		}},
		{"ipv4 only", "0.0.0.0:1990", lan, "", []string{
			"http://192.168.1.5:1990/", "http://10.0.0.7:1990/", "http://localhost:1990/",
		}},
		{"with a name", "[::]:1990", lan[:1], "pi.local", []string{
			"http://192.168.1.5:1990/", "http://pi.local:1990/", "http://localhost:1990/",
		}},
		{"a name and no network", "[::]:1990", nil, "pi.local", []string{"http://localhost:1990/"}},
		{"a name and one address", "127.0.0.1:1990", lan, "pi.local", []string{"http://127.0.0.1:1990/"}},
		{"no network", "[::]:1990", nil, "", []string{"http://localhost:1990/"}},
		{"port 80", "[::]:80", lan[:1], "", []string{"http://192.168.1.5/", "http://localhost/"}},
		{"one address", "192.168.1.5:8080", lan, "", []string{"http://192.168.1.5:8080/"}},
		{"one address, mapped", "[::ffff:192.168.1.5]:8080", lan, "", []string{"http://192.168.1.5:8080/"}},
		{"loopback", "127.0.0.1:1990", lan, "", []string{"http://127.0.0.1:1990/"}},
		{"loopback, ipv6", "[::1]:1990", lan, "", []string{"http://[::1]:1990/"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := pageURLs(netip.MustParseAddrPort(c.listen), c.lan, c.local, false); !slices.Equal(got, c.want) {
				t.Errorf("pageURLs = %q, want %q", got, c.want)
			}
		})
	}
}

func TestURLsOfListener(t *testing.T) {
	ln, err := Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	want := []string{"http://" + ln.Addr().String() + "/"}
	if got := URLs(ln.Addr(), false); !slices.Equal(got, want) {
		t.Errorf("URLs = %q, want %q", got, want)
	}
	everywhere := URLs(&net.TCPAddr{Port: 1990}, false)
	if !slices.Contains(everywhere, "http://localhost:1990/") {
		t.Errorf("URLs without an IP = %q, want localhost among them", everywhere)
	}
	if got := URLs(&net.UnixAddr{Name: "x", Net: "unix"}, false); got != nil {
		t.Errorf("URLs of a Unix socket = %q, want none", got)
	}
}

func TestMulticastName(t *testing.T) {
	for hostname, want := range map[string]string{
		"raspberrypi": "raspberrypi.local", "MacBook.local": "macbook.local", "pi.corp.example": "pi.local",
		"": "", "my pi": "", "10.0.0.1": "",
	} {
		if got := multicastName(hostname); got != want {
			t.Errorf("multicastName(%q) = %q, want %q", hostname, got, want)
		}
	}
}

func TestUsable(t *testing.T) {
	addrs := []net.Addr{
		prefix("fe80::1/64"), prefix("fd00::2/64"), prefix("192.168.1.5/24"), prefix("169.254.3.4/16"),
		prefix("2001:db8::1/64"), prefix("127.0.0.1/8"), prefix("224.0.0.1/4"), &net.UnixAddr{Name: "x"},
	}
	v4, v6 := usable(addrs)
	if want := []netip.Addr{netip.MustParseAddr("192.168.1.5")}; !slices.Equal(v4, want) {
		t.Errorf("IPv4: %v, want %v", v4, want)
	}
	if want := []netip.Addr{netip.MustParseAddr("fd00::2"), netip.MustParseAddr("2001:db8::1")}; !slices.Equal(v6, want) {
		t.Errorf("IPv6: %v, want %v", v6, want)
	}
}

func prefix(s string) net.Addr {
	ip, network, err := net.ParseCIDR(s)
	if err != nil {
		panic(err)
	}
	return &net.IPNet{IP: ip, Mask: network.Mask}
}

func TestSecureURLs(t *testing.T) {
	for port, want := range map[string]string{"443": "https://192.168.1.5/", "80": "https://192.168.1.5:80/", "1990": "https://192.168.1.5:1990/"} {
		if got := pageURLs(netip.MustParseAddrPort("192.168.1.5:"+port), nil, "", true); !slices.Equal(got, []string{want}) {
			t.Errorf("port %s: %q, want %s", port, got, want)
		}
	}
}
