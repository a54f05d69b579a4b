package web

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// virtualPrefixes start the names of interfaces that lead to containers and
// virtual machines on this computer, where no viewer sits.
var virtualPrefixes = [...]string{"docker", "veth", "virbr"}

// URLs returns the addresses to open in a browser for a listener on addr: this
// machine's addresses on the LAN, IPv4 before IPv6, its mDNS name where it has
// one, then localhost. A listener bound to one address has just that one. secure
// is for https.
func URLs(addr net.Addr, secure bool) []string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return nil
	}
	return pageURLs(tcp.AddrPort(), lanAddresses(), localName(), secure)
}

// pageURLs is URLs without the machine: lan are the addresses of its
// interfaces, local is its mDNS name or empty.
func pageURLs(listen netip.AddrPort, lan []netip.Addr, local string, secure bool) []string {
	scheme, usual := "http://", uint16(80)
	if secure {
		scheme, usual = "https://", 443
	}
	url := func(host string) string {
		if listen.Port() == usual {
			return scheme + host + "/"
		}
		return scheme + host + ":" + strconv.Itoa(int(listen.Port())) + "/"
	}
	bound := listen.Addr().Unmap()
	if bound.IsValid() && !bound.IsUnspecified() {
		return []string{url(urlHost(bound))}
	}
	var urls []string
	for _, a := range lan {
		if bound.Is4() && !a.Is4() {
			continue // the listener takes IPv4 only
		}
		urls = append(urls, url(urlHost(a)))
	}
	if local != "" && len(urls) > 0 {
		urls = append(urls, url(local))
	}
	return append(urls, url("localhost"))
}

func urlHost(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.WithZone("").String() + "]"
	}
	return a.String()
}

// lanAddresses returns the addresses that others can reach this machine at: all
// IPv4 ones, then one IPv6 address per interface (the rest are temporary ones
// for going out). None when the machine does not tell.
func lanAddresses() []netip.Addr {
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil
	}
	var v4, v6 []netip.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || i.Flags&net.FlagLoopback != 0 || isVirtual(i.Name) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue
		}
		four, six := usable(addrs)
		v4 = append(v4, four...)
		v6 = append(v6, six[:min(1, len(six))]...)
	}
	return slices.Concat(v4, v6)
}

func isVirtual(name string) bool {
	return slices.ContainsFunc(virtualPrefixes[:], func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

// usable parts an interface's addresses by family, without link-local and
// multicast ones: no URL can carry the zone that the former need.
func usable(addrs []net.Addr) (v4, v6 []netip.Addr) {
	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		if err != nil {
			continue
		}
		switch ip := prefix.Addr().Unmap(); {
		case !ip.IsGlobalUnicast():
		case ip.Is4():
			v4 = append(v4, ip)
		default:
			v6 = append(v6, ip)
		}
	}
	return v4, v6
}
