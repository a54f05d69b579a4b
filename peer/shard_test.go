package peer

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pion/webrtc/v4"
	"go.uber.org/goleak"

	"github.com/pushcam/pushcam/peer/mux"
)

// batches is a Network that notes what its Batches are asked for.
type batches struct {
	Network

	mu      sync.Mutex
	flushes int
	routes  map[netip.AddrPort]int
}

func (b *batches) NewBatch() Batch { return &notedBatch{of: b} }

type notedBatch struct {
	of     *batches
	isOpen bool
}

func (n *notedBatch) Route(address netip.AddrPort) Route {
	n.of.mu.Lock()
	defer n.of.mu.Unlock()
	n.of.routes[address]++
	return &notedRoute{of: n.of, address: address}
}

func (n *notedBatch) Open() { n.isOpen = true }

func (n *notedBatch) Flush() {
	n.of.mu.Lock()
	defer n.of.mu.Unlock()
	if !n.isOpen {
		panic("flush of a batch that is not open")
	}
	n.isOpen = false
	n.of.flushes++
}

type notedRoute struct {
	of      *batches
	address netip.AddrPort
}

func (*notedRoute) Dropped() uint64 { return 0 }

func (r *notedRoute) Close() {
	r.of.mu.Lock()
	defer r.of.mu.Unlock()
	r.of.routes[r.address]--
}

// addresses lists those with a Route, and what is odd.
func (b *batches) addresses(t *testing.T) (out []netip.AddrPort) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for address, n := range b.routes {
		switch n {
		case 0:
		case 1:
			out = append(out, address)
		default:
			t.Errorf("%d routes to %v", n, address)
		}
	}
	return out
}

// TestRoutes holds that each viewer over UDP has a Route to its address as long
// as it is there.
func TestRoutes(t *testing.T) {
	network := &batches{Network: newFakeNetwork(t, 0), routes: map[netip.AddrPort]int{}}
	r := newRig(t, testOptions{network: network})
	s, w := r.join(t)
	_, other := r.join(t)
	w.picture(t)
	other.picture(t)
	addresses := network.addresses(t)
	if len(addresses) != 2 || addresses[0] == addresses[1] {
		t.Errorf("routes to %v, want one for each of two viewers", addresses)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if after := network.addresses(t); len(after) != 1 || !slices.Contains(addresses, after[0]) {
		t.Errorf("routes to %v after one of the viewers of %v left", after, addresses)
	}
	network.mu.Lock()
	defer network.mu.Unlock()
	if network.flushes == 0 {
		t.Error("nothing was flushed")
	}
}

// TestPathChanges: a viewer whose address changes is followed, and none over
// TCP has a Route.
func TestPathChanges(t *testing.T) {
	network := &batches{Network: newFakeNetwork(t, 0), routes: map[netip.AddrPort]int{}}
	r := newRig(t, testOptions{network: network})
	s, w := r.join(t)
	w.picture(t)
	path := func(address string, protocol webrtc.ICEProtocol) {
		s.onPath(&webrtc.ICECandidatePair{Remote: &webrtc.ICECandidate{Address: address, Port: 9, Protocol: protocol}})
		for range 3 { // what was on its way, and two after
			w.picture(t)
		}
	}
	for _, tt := range []struct {
		address  string
		protocol webrtc.ICEProtocol
		want     []netip.AddrPort
	}{
		{"192.0.2.1", webrtc.ICEProtocolUDP, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:9")}},
		{"::ffff:192.0.2.2", webrtc.ICEProtocolUDP, []netip.AddrPort{netip.MustParseAddrPort("192.0.2.2:9")}},
		{"192.0.2.3", webrtc.ICEProtocolTCP, nil},
		{"hidden.local", webrtc.ICEProtocolUDP, nil},
		{"2001:db8::1", webrtc.ICEProtocolUDP, []netip.AddrPort{netip.MustParseAddrPort("[2001:db8::1]:9")}},
	} {
		path(tt.address, tt.protocol)
		if got := network.addresses(t); !slices.Equal(got, tt.want) {
			t.Errorf("%s over %v: routes to %v, want %v", tt.address, tt.protocol, got, tt.want)
		}
	}
}

// TestShardsEnd holds that a Hub with Sessions leaves no goroutine behind, and
// one without has none.
func TestShardsEnd(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("sessions", func(t *testing.T) {
		r := newRig(t, testOptions{})
		if r.hub.shards.all != nil {
			t.Error("shards before the first session")
		}
		for range 2 * runtime.GOMAXPROCS(0) {
			_, w := r.join(t)
			w.picture(t)
		}
		for _, h := range r.hub.shards.all {
			if n := h.load.Load(); n != 2 {
				t.Errorf("%d sessions on one of %d shards, want 2", n, len(r.hub.shards.all))
			}
		}
	})
	goleak.VerifyNone(t, before)
}

// TestStalledTCPViewer holds that one who stops to read his TCP connection costs
// nobody else anything.
func TestStalledTCPViewer(t *testing.T) {
	network, err := mux.Listen(mux.Config{Interfaces: []string{loopbackInterface(t)}, Log: NewLibraryLog(discard, "ice")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := network.Close(); err != nil {
			t.Error(err)
		}
	})
	// One shard for all.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	r := newRig(t, testOptions{network: network, bytes: 40_000})
	between := newTap(t, network.TCPPort())
	s, w := r.open(t), newWatchingOver(t, webrtc.NetworkTypeTCP4)
	offer, err := s.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer, err := w.Answer(t.Context(), between.instead(offer))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Answer(answer); err != nil {
		t.Fatal(err)
	}
	w.picture(t)
	_, other := r.join(t)
	other.picture(t)
	between.stop()
	refused := func() uint64 { return s.Stats().Drops[DropFull] }
	for refused() == 0 { // until all that buffers on the way is full
		select {
		case <-s.Done():
			t.Fatal("nothing was refused until the viewer was given up")
		default:
			other.picture(t)
		}
	}
	// A write that waits would now wait until the viewer is given up.
	before := refused()
	for range 30 {
		other.picture(t)
	}
	if refused() == before {
		t.Error("30 pictures later nothing more was refused: who sends waited")
	}
}

// tap stands between a viewer and the TCP port, and can hold back what goes to
// the viewer.
type tap struct {
	port, to int
	flow     chan struct{} // holds a token while packets may go to the viewer
	done     chan struct{}
	running  sync.WaitGroup
}

func newTap(t *testing.T, to int) *tap {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &tap{port: listener.Addr().(*net.TCPAddr).Port, to: to, flow: make(chan struct{}, 1), done: make(chan struct{})}
	p.flow <- struct{}{}
	p.running.Go(func() {
		for {
			viewer, err := listener.Accept()
			if err != nil {
				return
			}
			p.running.Go(func() { p.join(viewer) })
		}
	})
	t.Cleanup(func() {
		close(p.done)
		_ = listener.Close()
		p.running.Wait()
	})
	return p
}

// join carries both ways until either ends.
func (p *tap) join(viewer net.Conn) {
	defer viewer.Close()
	server, err := net.DialTCP("tcp4", nil, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: p.to})
	if err != nil {
		return
	}
	_ = server.SetReadBuffer(16 << 10) // so that it is soon full
	p.running.Go(func() {
		<-p.done
		_, _ = viewer.Close(), server.Close()
	})
	p.running.Go(func() {
		_, _ = io.Copy(server, viewer)
		_ = server.Close()
	})
	buffer := make([]byte, 16<<10)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			return
		}
		select {
		case <-p.flow:
			p.flow <- struct{}{}
		case <-p.done:
			return
		}
		if _, err := viewer.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// instead is the offer with this port in place of the server's.
func (p *tap) instead(offer string) string {
	return strings.ReplaceAll(offer, fmt.Sprintf(" %d typ host tcptype", p.to), fmt.Sprintf(" %d typ host tcptype", p.port))
}

func (p *tap) stop() { <-p.flow }
