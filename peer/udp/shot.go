package udp

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// system is what Conn asks of the system; tests put other things in its place.
type system struct {
	now      func() time.Time
	sendto   func(fd int, p []byte, to unix.Sockaddr) error
	sendmmsg func(fd int, messages []message) (int, error) // Linux only
}

func sendto(fd int, p []byte, to unix.Sockaddr) error {
	for {
		if err := unix.Sendto(fd, p, unix.MSG_DONTWAIT, to); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// isFull tells a socket, or a queue behind it, without room from other errors.
func isFull(err error) bool {
	return errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.ENOBUFS)
}

// shot is one packet on its way. It is used again, as is the function within:
// RawConn.Control would make a new one for each packet.
type shot struct {
	packet []byte
	to     target
	name   sockaddr
	err    error
	fire   func(fd uintptr)
}

func newShot(c *Conn) *shot {
	s := &shot{}
	s.fire = func(fd uintptr) { s.err = c.sendOne(int(fd), s.packet, s.to, &s.name) }
	return s
}

// shoot sends one packet at once. RawConn.Write would let one goroutine send at
// a time, and fail while the ICE library has set a deadline; Control does
// neither, and keeps the descriptor from being closed as well.
func (c *Conn) shoot(p []byte, to target) error {
	s := c.shots.Get().(*shot)
	s.packet, s.to = p, to
	err := c.raw.Control(s.fire)
	if err == nil {
		err = s.err
	}
	s.packet = nil
	c.shots.Put(s)
	return err
}

func (c *Conn) sendOne(fd int, p []byte, to target, name *sockaddr) error {
	c.counts.calls.Add(1)
	return c.system.sendto(fd, p, name.set(to, c.ip4))
}

// sockaddr is an address as the kernel has it. One goroutine at a time uses it.
type sockaddr struct {
	four unix.SockaddrInet4
	six  unix.SockaddrInet6
}

// set keeps an address that the socket's family cannot express for the kernel
// to refuse.
func (s *sockaddr) set(to target, ip4 bool) unix.Sockaddr {
	if ip4 && to.addr.Addr().Is4() {
		s.four.Addr, s.four.Port = to.addr.Addr().As4(), int(to.addr.Port())
		return &s.four
	}
	s.six.Addr, s.six.Port, s.six.ZoneId = to.addr.Addr().As16(), int(to.addr.Port()), to.zone
	return &s.six
}
