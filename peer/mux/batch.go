package mux

import "net/netip"

// Batch and Route are what peer asks of a Network; see there.
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

// NewBatch makes a Batch on the UDP port. What is written goes out at once.
func (m *Mux) NewBatch() Batch { return batch{} }

type batch struct{}

func (batch) Route(netip.AddrPort) Route { return batch{} }
func (batch) Open()                      {}
func (batch) Flush()                     {}
func (batch) Dropped() uint64            { return 0 }
func (batch) Close()                     {}
