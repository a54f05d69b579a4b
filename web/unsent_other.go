//go:build !linux

package web

import "net"

// boundUnsent does nothing: the system's buffers are the bound. macOS has the same
// option, but heeds it only for who asks before a write whether there is room.
func boundUnsent(net.Conn) {}
