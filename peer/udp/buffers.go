package udp

import "golang.org/x/sys/unix"

// SetBuffers asks the system for so many bytes of buffer for either direction,
// and returns what it has granted.
func (c *Conn) SetBuffers(bytes int) (send, receive int) {
	// Whatever fails leaves a smaller buffer, which the result tells.
	_ = c.socket.SetWriteBuffer(bytes)
	_ = c.socket.SetReadBuffer(bytes)
	_ = c.raw.Control(func(fd uintptr) { send, receive = granted(int(fd), bytes) })
	return send, receive
}

func bufferSizes(fd int) (send, receive int) {
	send, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF)
	receive, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return send, receive
}
