package web

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// lanRefresh is how long the machine's networks are taken to be the same.
const lanRefresh = 10 * time.Second

// sharedSpace is of carriers (RFC 6598), and what overlay networks use.
var sharedSpace = netip.MustParsePrefix("100.64.0.0/10")

// lan knows which addresses are near. The zero value is ready; safe for
// concurrent use.
type lan struct {
	mu    sync.Mutex
	until time.Time
	own   []netip.Prefix // of this machine's interfaces
}

// near reports whether an address is of this machine or its network: no router
// of the Internet passes it on, or an interface has the same prefix.
func (l *lan) near(a netip.Addr) bool {
	if a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || sharedSpace.Contains(a) {
		return true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := time.Now(); now.After(l.until) {
		l.own, l.until = ownPrefixes(), now.Add(lanRefresh)
	}
	return within(l.own, a)
}

// ownPrefixes are none when the machine does not tell.
func ownPrefixes() (own []netip.Prefix) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil {
			own = append(own, prefix.Masked())
		}
	}
	return own
}
