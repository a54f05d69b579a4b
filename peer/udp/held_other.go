//go:build !linux

package udp

import (
	"syscall"
	"time"
)

// held is empty: without sendmmsg nothing is gained by holding packets, so no
// Batch ever opens.
type held struct{}

// backlog is empty: what a full socket does not take is dropped.
type backlog struct{}

// message is Linux's.
type message struct{}

func newHeld(*Conn) *held             { return nil }
func (*held) add(*Route, []byte) bool { return true }
func (*Conn) pass(h *held) *held      { return h }
func (*backlog) close()               {}

func detect(syscall.RawConn) Way { return Single }

func systemCalls() system { return system{now: time.Now, sendto: sendto} }
