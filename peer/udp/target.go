package udp

import (
	"net"
	"net/netip"
	"strconv"
)

// target is where a packet goes.
type target struct {
	addr netip.AddrPort // IPv4 is IPv4
	zone uint32         // of a link-local IPv6 address: the interface's index
}

// unmap makes one address of the two that an IPv4 viewer may have.
func unmap(addr netip.AddrPort) netip.AddrPort {
	if addr.Addr().Is4In6() {
		return netip.AddrPortFrom(addr.Addr().Unmap(), addr.Port())
	}
	return addr
}

// resolve finds the zone. It asks the system each time, as an adapter that was
// pulled out comes back with another index; no viewer is offered a link-local
// address, so it is rare.
func (t *target) resolve() error {
	zone := t.addr.Addr().Zone()
	if zone == "" {
		return nil
	}
	if index, err := strconv.ParseUint(zone, 10, 32); err == nil {
		t.zone = uint32(index)
		return nil
	}
	i, err := net.InterfaceByName(zone)
	if err != nil {
		return err
	}
	t.zone = uint32(i.Index)
	return nil
}
