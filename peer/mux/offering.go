package mux

import (
	"net"

	"github.com/pion/ice/v4"
	"github.com/pion/transport/v4"
)

// offering is the shared UDP mux with a choice of the addresses that it tells
// the viewer.
type offering struct {
	*port
	mux      *Mux
	loopback bool
}

var _ ice.UDPMux = offering{}

// GetListenAddresses lists the addresses of this second.
func (o offering) GetListenAddresses() []net.Addr {
	network := o.mux.Net()
	if network == nil {
		return nil
	}
	interfaces, err := network.Interfaces()
	if err != nil {
		return nil
	}
	var out []net.Addr
	for _, i := range interfaces {
		if i.Flags&net.FlagUp == 0 || !o.wants(i) {
			continue
		}
		addrs, err := i.Addrs()
		if err != nil {
			continue // it has none
		}
		for _, a := range addrs {
			// Link-local IPv6 needs a zone, which a candidate cannot carry.
			if n, ok := a.(*net.IPNet); ok && !n.IP.IsLinkLocalUnicast() {
				out = append(out, &net.UDPAddr{IP: n.IP, Port: o.mux.UDPPort()})
			}
		}
	}
	return out
}

func (o offering) wants(i *transport.Interface) bool {
	if i.Flags&net.FlagLoopback != 0 {
		return o.loopback
	}
	return o.mux.Offers(i.Name)
}
