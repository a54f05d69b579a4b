package mux

import (
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/pion/logging"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listen(t *testing.T, cfg Config) *Mux {
	t.Helper()
	cfg.Log = logging.NewDefaultLoggerFactory().NewLogger("test")
	m, err := Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func TestAddresses(t *testing.T) {
	m := listen(t, Config{TCPPort: TCPOff})
	if m.TCP() != nil || m.TCPPort() != 0 {
		t.Error("TCP is not off")
	}
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, loopback := range []bool{true, false} {
		var want int
		for _, a := range all {
			ip := a.(*net.IPNet).IP
			if !ip.IsLinkLocalUnicast() && (loopback || !ip.IsLoopback()) {
				want++
			}
		}
		got := m.UDP(loopback).GetListenAddresses()
		if len(got) != want {
			t.Errorf("loopback %t: %v, want %d addresses", loopback, got, want)
		}
		hasLoopback := slices.ContainsFunc(got, func(a net.Addr) bool { return a.(*net.UDPAddr).IP.IsLoopback() })
		if hasLoopback != loopback {
			t.Errorf("loopback %t: %v", loopback, got)
		}
		for _, a := range got {
			if a.(*net.UDPAddr).Port != m.UDPPort() {
				t.Errorf("%v is not port %d", a, m.UDPPort())
			}
		}
	}
}

func TestInterfaces(t *testing.T) {
	m := listen(t, Config{Interfaces: []string{"none0"}})
	if got := m.UDP(false).GetListenAddresses(); len(got) != 0 {
		t.Errorf("offers %v of no interface", got)
	}
	if got := m.Missing(); !slices.Equal(got, []string{"none0"}) {
		t.Errorf("missing %v", got)
	}
	if m.Offers("eth0") || !m.Offers("none0") {
		t.Error("offers the wrong interface")
	}
}

func TestPortInUse(t *testing.T) {
	m := listen(t, Config{})
	for name, tt := range map[string]struct {
		cfg  Config
		flag string
	}{
		"udp": {Config{UDPPort: m.UDPPort()}, "--media-port"},
		"tcp": {Config{TCPPort: m.TCPPort()}, "--ice-tcp-port"},
	} {
		t.Run(name, func(t *testing.T) {
			second, err := Listen(tt.cfg)
			if err == nil {
				_ = second.Close()
				t.Fatal("the same port twice")
			}
			if !strings.Contains(err.Error(), tt.flag) {
				t.Errorf("%v: does not name %s", err, tt.flag)
			}
		})
	}
}

func TestBatch(t *testing.T) {
	m := listen(t, Config{TCPPort: TCPOff})
	viewer, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer viewer.Close()
	addr := viewer.LocalAddr().(*net.UDPAddr).AddrPort()
	b := m.NewBatch()
	route := b.Route(addr)
	b.Open()
	for range 3 {
		if _, err := m.conn.WriteToAddrPort([]byte("packet"), addr); err != nil {
			t.Error(err)
		}
	}
	b.Flush()
	for range 3 {
		p := make([]byte, 10)
		if n, err := viewer.Read(p); string(p[:n]) != "packet" || err != nil {
			t.Errorf("%q, %v", p[:n], err)
		}
	}
	if got := m.UDPStats(); got.Packets != 3 || got.Calls > 3 || route.Dropped() != 0 {
		t.Errorf("%+v, %d dropped", got, route.Dropped())
	}
	route.Close()
}
