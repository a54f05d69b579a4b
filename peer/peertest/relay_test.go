package peertest

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestRelay: two viewers talk with a server that sends everything back.
func TestRelay(t *testing.T) {
	server, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	echoed := make(chan struct{})
	go func() {
		defer close(echoed)
		buffer := make([]byte, 1500)
		for {
			n, from, err := server.ReadFromUDPAddrPort(buffer)
			if err != nil {
				return
			}
			_, _ = server.WriteToUDPAddrPort(buffer[:n], from)
		}
	}()
	t.Cleanup(func() {
		server.Close()
		<-echoed
	})
	delay := 20 * time.Millisecond
	relay := NewRelay(t, server.LocalAddr().(*net.UDPAddr).AddrPort(), Conditions{Delay: delay})
	for range 2 {
		viewer, err := net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(relay.Addr()))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { viewer.Close() })
		for _, text := range []string{"one", "another"} {
			sent := time.Now()
			if _, err := viewer.Write([]byte(text)); err != nil {
				t.Fatal(err)
			}
			if got := receive(t, viewer); got != text || time.Since(sent) < 2*delay {
				t.Errorf("got %q after %v, want %q after %v at least", got, time.Since(sent), text, 2*delay)
			}
		}
	}
	if up, down := relay.Up.Stats(), relay.Down.Stats(); up.Delivered != 4 || down.Delivered != 4 {
		t.Errorf("%d packets up and %d down, want 4 each", up.Delivered, down.Delivered)
	}
}

// TestRelayWithoutServer: what nobody listens to is lost, and no more.
func TestRelayWithoutServer(t *testing.T) {
	nobody, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	addr := nobody.LocalAddr().(*net.UDPAddr).AddrPort()
	if err := nobody.Close(); err != nil {
		t.Fatal(err)
	}
	relay := NewRelay(t, addr, Conditions{})
	for range 3 {
		if conn := relay.viewer(netip.MustParseAddrPort("127.0.0.1:9")); conn == nil {
			t.Fatal("no socket for a viewer")
		} else {
			_, _ = conn.Write([]byte("hello")) // refused, at the latest the second time
		}
	}
}

func receive(t *testing.T, conn *net.UDPConn) string {
	t.Helper()
	buffer := make([]byte, 1500)
	if err := conn.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	n, err := conn.Read(buffer)
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}
