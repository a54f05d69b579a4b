package udp

import "golang.org/x/sys/unix"

// granted goes beyond net.core.wmem_max and rmem_max where the program may
// (CAP_NET_ADMIN), and returns what there is: the kernel reports it doubled,
// for its own bookkeeping (socket(7)).
func granted(fd, bytes int) (send, receive int) {
	send, receive = bufferSizes(fd)
	if send/2 < bytes {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, bytes)
	}
	if receive/2 < bytes {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUFFORCE, bytes)
	}
	send, receive = bufferSizes(fd)
	return send / 2, receive / 2
}
