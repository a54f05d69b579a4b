package web

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// maxHops is how many proxies may stand between a browser and here.
const maxHops = 16

// client is who asks: behind a trusted proxy, whom the proxy asks for.
type client struct {
	addr   netip.Addr
	https  bool // between the client and the first of us
	hidden bool // an unknown proxy asks for somebody, and may be anywhere
}

type clientKey struct{}

// clientOf is what forwarded has found out.
func clientOf(r *http.Request) client {
	c, _ := r.Context().Value(clientKey{}).(client)
	return c
}

// forwarded finds the client behind the trusted proxies, and lets all that come
// after see its address as the request's. Headers of others count for nothing:
// everybody can send them.
func forwarded(proxies []netip.Prefix, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, ok := findClient(proxies, r)
		if !ok {
			refuse(w, http.StatusBadRequest, "The proxy does not say clearly whom it asks for.\n"+
				"It has to set one of X-Forwarded-For and Forwarded, and to remove the other.\n")
			return
		}
		r = r.WithContext(context.WithValue(r.Context(), clientKey{}, c))
		if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil && plainAddr(peer.Addr()) != c.addr {
			r.RemoteAddr = net.JoinHostPort(c.addr.String(), "0")
		}
		next.ServeHTTP(w, r)
	})
}

func findClient(proxies []netip.Prefix, r *http.Request) (client, bool) {
	peer, _ := netip.ParseAddrPort(r.RemoteAddr)
	c := client{addr: plainAddr(peer.Addr()), https: r.TLS != nil}
	xff, std := r.Header.Values("X-Forwarded-For"), r.Header.Values("Forwarded")
	named := len(xff)+len(std) > 0
	if !within(proxies, c.addr) {
		c.hidden = named
		return c, true
	}
	if !named {
		return c, true // the proxy itself asks
	}
	// Most proxies set one of the two and pass on what a client says in the
	// other.
	if len(xff) > 0 && len(std) > 0 {
		return client{}, false
	}
	hops, ok := xForwardedFor(xff), true
	if len(std) > 0 {
		hops, ok = forwardedFor(std)
	}
	if !ok || len(hops) == 0 || len(hops) > maxHops {
		return client{}, false
	}
	for _, hop := range slices.Backward(hops) {
		addr, ok := hopAddr(hop)
		if !ok {
			return client{}, false
		}
		if c.addr = addr; !within(proxies, addr) {
			break
		}
	}
	if proto := r.Header.Values("X-Forwarded-Proto"); len(proto) == 1 {
		c.https = strings.EqualFold(strings.TrimSpace(proto[0]), "https")
	}
	return c, true
}

func xForwardedFor(lines []string) []string {
	return strings.Split(strings.Join(lines, ","), ",")
}

// forwardedFor returns the for parameters of Forwarded (RFC 7239 section 4), an
// element without one as "".
func forwardedFor(lines []string) (hops []string, ok bool) {
	for element := range strings.SplitSeq(strings.Join(lines, ","), ",") {
		hop := ""
		for pair := range strings.SplitSeq(element, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if !strings.EqualFold(name, "for") {
				continue
			}
			if hop != "" {
				return nil, false
			}
			hop = value
		}
		hops = append(hops, hop)
	}
	return hops, true
}

// hopAddr reads an address as proxies write it: with a port or without, IPv6 in
// brackets or not, in quotes or not.
func hopAddr(s string) (netip.Addr, bool) {
	s = strings.TrimSpace(s)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if addrPort, err := netip.ParseAddrPort(s); err == nil {
		return plainAddr(addrPort.Addr()), true
	}
	if strings.HasPrefix(s, "[") && strings.HasSuffix(s, "]") {
		s = s[1 : len(s)-1]
	}
	addr, err := netip.ParseAddr(s)
	return plainAddr(addr), err == nil
}

func plainAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

func within(prefixes []netip.Prefix, a netip.Addr) bool {
	return slices.ContainsFunc(prefixes, func(p netip.Prefix) bool { return p.Contains(a) })
}
