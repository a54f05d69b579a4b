package mux

import (
	"net/netip"

	"github.com/pushcam/pushcam/peer/udp"
)

// Batch and Route are what peer asks of a Network, where they are described.
type (
	Batch = interface {
		Route(netip.AddrPort) Route
		Open()
		Flush()
	}
	Route = interface {
		Dropped() uint64
		Close()
	}
)

// NewBatch makes a Batch on the UDP port. It needs no closing, its Routes do.
func (m *Mux) NewBatch() Batch { return batch{m.conn.NewBatch()} }

type batch struct{ *udp.Batch }

func (b batch) Route(addr netip.AddrPort) Route { return b.Batch.Route(addr) }
