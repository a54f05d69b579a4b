package peer

import (
	"encoding/binary"
	"net"
	"sync/atomic"

	"github.com/pion/transport/v4"
	"github.com/pion/transport/v4/stdnet"
)

// crowd is the network of many viewers that connect in earnest, and throw away
// what they get before it is decrypted: so that the machine has room for the
// server. It counts what came and what did not.
type crowd struct {
	*stdnet.Net
	packets, lost atomic.Int64
}

var _ transport.Net = (*crowd)(nil)

func newCrowd() (*crowd, error) {
	n, err := stdnet.NewNet()
	return &crowd{Net: n}, err
}

// ListenUDP implements transport.Net.
func (c *crowd) ListenUDP(network string, local *net.UDPAddr) (transport.UDPConn, error) {
	conn, err := net.ListenUDP(network, local)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(1 << 20)
	return &crowdConn{UDPConn: conn, crowd: c}, nil
}

// crowdConn is one viewer's socket. One goroutine reads.
type crowdConn struct {
	*net.UDPConn
	crowd *crowd
	began bool
	next  uint16 // sequence number
}

// ReadFrom implements net.PacketConn: it returns all that is not RTP.
func (c *crowdConn) ReadFrom(b []byte) (int, net.Addr, error) {
	for {
		n, from, err := c.ReadFromUDPAddrPort(b)
		if err != nil {
			return 0, nil, err
		}
		if !isRTP(b[:n]) {
			return n, net.UDPAddrFromAddrPort(from), nil
		}
		if b[1]&0x7f != 96 {
			continue // sent again
		}
		sequence := binary.BigEndian.Uint16(b[2:])
		c.crowd.packets.Add(1)
		if !c.began {
			c.began = true

		} else {
			c.crowd.lost.Add(int64(int16(sequence - c.next)))
		}
		c.next = sequence + 1
	}
}

// isRTP tells media from RTCP, STUN and DTLS (RFC 7983, RFC 5761 section 4).
func isRTP(b []byte) bool {
	return len(b) > 12 && b[0]>>6 == 2 && (b[1]&0x7f < 64 || b[1]&0x7f > 95)
}
