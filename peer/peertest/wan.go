package peertest

import (
	"net"
	"net/netip"
	"sync"
	"testing"

	"github.com/pion/logging"
	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/vnet"
)

// WAN is a virtual network of one server and any number of viewers, each with
// a Path of its own. It ends with the test.
type WAN struct {
	t      testing.TB
	router *vnet.Router
	server *vnet.Net

	mu    sync.Mutex
	paths map[netip.Addr]*Path // by the viewer's address
	last  netip.Addr
}

// Path is what lies between the server and one viewer.
type Path struct {
	// Down leads from the server to the viewer, Up back.
	Down, Up *Link

	wan  *WAN
	addr netip.Addr
	host *vnet.Net
	end  sync.Once
}

// serverAddr is the server's; viewers have those after it.
var serverAddr = netip.MustParseAddr("10.0.0.1")

// NewWAN makes a WAN without viewers.
func NewWAN(t testing.TB) *WAN {
	t.Helper()
	router, err := vnet.NewRouter(&vnet.RouterConfig{
		CIDR: "10.0.0.0/8", QueueSize: 1 << 20, LoggerFactory: logging.NewDefaultLoggerFactory(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &WAN{t: t, router: router, paths: map[netip.Addr]*Path{}, last: serverAddr}
	w.server = w.newHost(serverAddr)
	if err := router.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, p := range w.all() {
			p.Close()
		}
		if err := router.Stop(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *WAN) newHost(addr netip.Addr) *vnet.Net {
	w.t.Helper()
	host, err := vnet.NewNet(&vnet.NetConfig{StaticIPs: []string{addr.String()}})
	if err == nil {
		err = w.router.AddNet(host)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return host
}

// NewPath makes the path to one more viewer. Down has these conditions; Up has
// their delay, jitter and loss, and no bottleneck: a viewer says little. The n-th
// path of a WAN always loses the same packets.
func (w *WAN) NewPath(down Conditions) *Path {
	w.t.Helper()
	w.mu.Lock()
	w.last = w.last.Next()
	addr := w.last
	w.mu.Unlock()
	seed := uint64(addr.As4()[3]) + uint64(addr.As4()[2])<<8
	p := &Path{Down: newLink(down, 2*seed), Up: newLink(down.back(), 2*seed+1), wan: w, addr: addr}
	p.host = w.newHost(addr)
	w.mu.Lock()
	w.paths[addr] = p
	w.mu.Unlock()
	return p
}

func (w *WAN) all() (paths []*Path) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.paths {
		paths = append(paths, p)
	}
	return paths
}

func (w *WAN) path(to net.Addr) *Path {
	udp, ok := to.(*net.UDPAddr)
	if !ok {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.paths[udp.AddrPort().Addr().Unmap()]
}

// Cut takes both directions down, or up again.
func (p *Path) Cut(down bool) {
	for _, l := range []*Link{p.Down, p.Up} {
		l.Change(func(c *Conditions) { c.Down = down })
	}
}

// Close ends the Path. What is on the way is lost.
func (p *Path) Close() {
	p.end.Do(func() {
		p.wan.mu.Lock()
		delete(p.wan.paths, p.addr)
		p.wan.mu.Unlock()
		p.Down.close()
		p.Up.close()
		if err := p.host.RemoveAddress("eth0", p.addr.AsSlice()); err != nil {
			p.wan.t.Error(err)
		}
	})
}

// conn is a host's socket, whose packets go over the Link to their receiver.
type conn struct {
	transport.UDPConn
	link func(to net.Addr) *Link // nil when there is no way
}

// WriteTo implements net.PacketConn. Like any network it does not say what it
// loses.
func (c conn) WriteTo(b []byte, to net.Addr) (int, error) {
	if link := c.link(to); link != nil {
		sent := append([]byte(nil), b...)
		link.send(len(b), func() {
			_, _ = c.UDPConn.WriteTo(sent, to) // it fails once the socket is closed
		})
	}
	return len(b), nil
}

// viewerHost is the network as a viewer sees it.
type viewerHost struct {
	*vnet.Net
	path *Path
}

var _ transport.Net = viewerHost{}

// ListenUDP implements transport.Net: it is all that ICE's host candidates need.
func (h viewerHost) ListenUDP(network string, addr *net.UDPAddr) (transport.UDPConn, error) {
	c, err := h.Net.ListenUDP(network, addr)
	if err != nil {
		return nil, err
	}
	return conn{c, func(net.Addr) *Link { return h.path.Up }}, nil
}
