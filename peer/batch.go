package peer

import "net/netip"

// Batch joins the packets of one sender's round, for all its viewers, into as
// few system calls as the system can do with.
//
// Between Open and Flush, whatever is written to the UDP port for an address
// with a Route in this Batch is copied and held, by whichever goroutine it is
// written. Flush sends it, in the order written. A Batch with no room left
// sends what it holds by itself, so Open bounds nothing and may last as long as
// there is something to write; what waits meanwhile is late. Nothing blocks:
// what the socket has no room for waits, within a bound, or is dropped and
// counted by the Route.
//
// Open and Flush belong to one goroutine. Route may be called from any.
//
// This is an alias, as Route is: so a Network needs no package but its own.
type Batch = interface {
	// Route makes what is written to an address join this Batch from now on.
	// Of two Routes to one address the newer counts.
	Route(netip.AddrPort) Route
	Open()
	Flush()
}

// Route is one viewer's place in a Batch: the address that ICE has selected.
// Packets to an address that has none go out at once. Its methods may be
// called from any goroutine.
type Route = interface {
	// Dropped counts the packets to this address that the system did not
	// take, because the socket was full or there is no way there.
	Dropped() uint64
	// Close ends it. What it holds is sent first.
	Close()
}

// Unbatched is embedded by a Network whose packets go out one by one, such as
// one that is simulated.
type Unbatched struct{}

// NewBatch implements Network.
func (Unbatched) NewBatch() Batch { return unbatched{} }

// unbatched is a Batch, and a Route, that does nothing.
type unbatched struct{}

func (unbatched) Route(netip.AddrPort) Route { return unbatched{} }
func (unbatched) Open()                      {}
func (unbatched) Flush()                     {}
func (unbatched) Dropped() uint64            { return 0 }
func (unbatched) Close()                     {}
