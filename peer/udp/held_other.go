//go:build !linux

package udp

import "syscall"

// held is empty: without sendmmsg nothing is gained by holding packets, so no
// Batch ever opens.
type held struct{}

// message is Linux's.
type message struct{}

func (*held) init(*Batch)        {}
func (*held) put(*Route, []byte) {}
func (*held) flush()             {}

func detect(syscall.RawConn) Way { return Single }

func systemCalls() system { return system{sendto: sendto} }
