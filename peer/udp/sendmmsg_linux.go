package udp

import (
	"encoding/binary"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tables is where the kernel reads what to send: for each message its header,
// and where the header points. They are linked once and filled for each call.
type tables struct {
	messages [maxMessages]message
	vectors  [maxMessages]unix.Iovec
	names    [maxMessages]rawSockaddr
	controls [maxMessages]control
}

// message is struct mmsghdr of sendmmsg(2).
type message struct {
	header unix.Msghdr
	sent   uint32
}

// control is the message that says how long the segments are: udp(7).
type control struct {
	header  unix.Cmsghdr
	segment uint16
}

const sizeofSegment = 2

// rawSockaddr has room for either family.
type rawSockaddr = unix.RawSockaddrInet6

func (t *tables) init() {
	for i := range t.messages {
		header, c := &t.messages[i].header, &t.controls[i]
		header.Name = (*byte)(unsafe.Pointer(&t.names[i]))
		header.Iov = &t.vectors[i]
		header.SetIovlen(1)
		c.header.Level, c.header.Type = unix.IPPROTO_UDP, unix.UDP_SEGMENT
		c.header.SetLen(unix.CmsgLen(sizeofSegment))
	}
}

// set fills the tables for one run.
func (t *tables) set(i int, r *run, buffer []byte, ip4 bool) {
	header := &t.messages[i].header
	header.Namelen = setRaw(&t.names[i], r.route.to, ip4)
	t.vectors[i].Base = &buffer[r.start]
	t.vectors[i].SetLen(r.end - r.start)
	// A single packet is not announced as a segment: kernels refuse that when
	// the announced size exceeds the path's MTU.
	header.Control = nil
	header.SetControllen(0)
	if r.count > 1 {
		t.controls[i].segment = uint16(r.size)
		header.Control = (*byte)(unsafe.Pointer(&t.controls[i]))
		header.SetControllen(unix.CmsgSpace(sizeofSegment))
	}
}

// setRaw writes an address as the kernel has it, and returns its length.
func setRaw(raw *rawSockaddr, to target, ip4 bool) uint32 {
	if ip4 && to.addr.Addr().Is4() {
		four := (*unix.RawSockaddrInet4)(unsafe.Pointer(raw))
		*four = unix.RawSockaddrInet4{Family: unix.AF_INET, Addr: to.addr.Addr().As4()}
		setPort(&four.Port, to.addr.Port())
		return unix.SizeofSockaddrInet4
	}
	*raw = unix.RawSockaddrInet6{Family: unix.AF_INET6, Addr: to.addr.Addr().As16(), Scope_id: to.zone}
	setPort(&raw.Port, to.addr.Port())
	return unix.SizeofSockaddrInet6
}

// setPort writes a port in the network's byte order.
func setPort(field *uint16, port uint16) {
	binary.BigEndian.PutUint16((*[2]byte)(unsafe.Pointer(field))[:], port)
}

// detect finds the best way that the kernel knows. Whether the device knows it
// too is seen when a packet is sent.
func detect(raw syscall.RawConn) Way {
	way := Several
	_ = raw.Control(func(fd uintptr) { // a closed socket sends in no way
		if _, err := unix.GetsockoptInt(int(fd), unix.IPPROTO_UDP, unix.UDP_SEGMENT); err == nil {
			way = Segmented
		}
	})
	return way
}

func systemCalls() system { return system{now: time.Now, sendto: sendto, sendmmsg: sendmmsg} }

// sendmmsg never waits, and what it is given is bounded, so Go's scheduler need
// not know of the call. To tell it wakes the runtime's monitor, a thread that
// would else sleep between two pictures: with one viewer, a sixth of all the CPU
// that a server uses which has nothing to encode.
func sendmmsg(fd int, messages []message) (int, error) {
	for {
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDMMSG, uintptr(fd), uintptr(unsafe.Pointer(&messages[0])),
			uintptr(len(messages)), unix.MSG_DONTWAIT, 0, 0)
		switch errno {
		case 0:
			return int(n), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}
