package web

import (
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// boundUnsent has the system take no more of a connection's answers while
// mostUnsent bytes of them wait for the network (tcp_notsent_lowat in the
// kernel's networking/ip-sysctl). A listener that takes MPTCP, as Go's do, does
// not pass it on to its connections.
func boundUnsent(conn net.Conn) {
	c, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return // it has been closed
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, mostUnsent)
	})
}
