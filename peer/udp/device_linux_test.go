package udp

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// device is a network card in this test's hands: an Ethernet in a network
// namespace of its own, with nobody on it but the test.
type device struct{ *os.File }

// newDevice makes one with the address 10.0.0.1, and a socket on it. Packets to
// 10.0.0.2 stay in the socket's buffer until answer is called, as the kernel
// asks for its hardware address first.
func newDevice(t *testing.T, mtu uint32) (device, *net.UDPConn) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a network device")
	}
	type made struct {
		file   *os.File
		socket *net.UDPConn
		err    error
	}
	result := make(chan made)
	go func() {
		runtime.LockOSThread() // the namespace is the thread's, which ends with this function
		var m made
		if m.err = unix.Unshare(unix.CLONE_NEWNET); m.err == nil {
			m.file, m.err = makeDevice(mtu)
		}
		// On a slow machine the kernel must not give up asking. If this fails it
		// asks for three seconds.
		_ = os.WriteFile("/proc/sys/net/ipv4/neigh/tap0/mcast_solicit", []byte("60"), 0)
		if m.err == nil {
			m.socket, m.err = net.ListenUDP("udp4", &net.UDPAddr{})
		}
		result <- m
	}()
	m := <-result
	if m.err != nil {
		t.Skip("no network devices can be made here:", m.err)
	}
	t.Cleanup(func() { _ = m.file.Close() })
	_ = m.file.SetReadDeadline(time.Now().Add(20 * time.Second)) // only ever seen when frames are missing
	return device{m.file}, m.socket
}

func makeDevice(mtu uint32) (*os.File, error) {
	fd, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	control, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	defer func() { _ = unix.Close(control) }()
	for _, step := range []struct {
		fd    int
		call  uint
		value func(*unix.Ifreq) error
	}{
		{fd, unix.TUNSETIFF, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_TAP | unix.IFF_NO_PI); return nil }},
		{control, unix.SIOCSIFADDR, func(r *unix.Ifreq) error { return r.SetInet4Addr([]byte{10, 0, 0, 1}) }},
		{control, unix.SIOCSIFNETMASK, func(r *unix.Ifreq) error { return r.SetInet4Addr([]byte{255, 255, 255, 0}) }},
		{control, unix.SIOCSIFMTU, func(r *unix.Ifreq) error { r.SetUint32(mtu); return nil }},
		{control, unix.SIOCSIFFLAGS, func(r *unix.Ifreq) error { r.SetUint16(unix.IFF_UP | unix.IFF_RUNNING); return nil }},
	} {
		request, err := unix.NewIfreq("tap0")
		if err == nil {
			err = step.value(request)
		}
		if err == nil {
			err = unix.IoctlIfreq(step.fd, step.call, request)
		}
		if err != nil {
			_ = unix.Close(fd)
			return nil, fmt.Errorf("ioctl %#x: %w", step.call, err)
		}
	}
	return os.NewFile(uintptr(fd), "tap0"), nil // it can be waited for only now
}

// Offsets in an Ethernet frame: RFC 826, RFC 791, RFC 768.
const (
	frameType = 12
	frameBody = 14
	bodyIP    = 20
	bodyUDP   = bodyIP + 8
	typeARP   = 0x0806
	typeIP    = 0x0800
	arpReply  = 2
)

// next is the next frame of a type.
func (d device) next(t *testing.T, of uint16) []byte {
	t.Helper()
	frame := make([]byte, 1<<16)
	for {
		n, err := d.Read(frame)
		if err != nil {
			t.Fatal("read a frame:", err)
		}
		if n > frameBody && binary.BigEndian.Uint16(frame[frameType:]) == of {
			return frame[:n]
		}
	}
}

// answer tells who has 10.0.0.2.
func (d device) answer(t *testing.T) {
	t.Helper()
	request := d.next(t, typeARP)
	own := []byte{2, 0, 0, 0, 0, 2}
	reply := slices.Concat(request[6:12], own, request[frameType:frameBody], request[frameBody:frameBody+6],
		[]byte{0, arpReply}, own, request[frameBody+24:frameBody+28], request[frameBody+8:frameBody+18])
	if _, err := d.Write(reply); err != nil {
		t.Fatal(err)
	}
}

// udp is the next UDP packet.
func (d device) udp(t *testing.T) (port uint16, p []byte) {
	t.Helper()
	for {
		body := d.next(t, typeIP)[frameBody:]
		if body[9] == unix.IPPROTO_UDP {
			length := binary.BigEndian.Uint16(body[bodyIP+4:])
			return binary.BigEndian.Uint16(body[bodyIP+2:]), body[bodyUDP : bodyIP+int(length)]
		}
	}
}

// TestDevice sends more than the socket's buffer holds by a device that takes
// nothing for a while.
func TestDevice(t *testing.T) {
	for way := Segmented; way <= Several; way++ {
		t.Run(way.String(), func(t *testing.T) {
			d, socket := newDevice(t, 1500)
			c := wrap(t, socket)
			c.way.Store(uint32(max(way, Way(c.way.Load()))))
			_ = socket.SetWriteBuffer(1) // the kernel has a least size
			b := c.NewBatch()
			const viewers, packets = 4, 7
			for port := uint16(1); port <= viewers; port++ {
				to := netip.AddrPortFrom(netip.AddrFrom4([4]byte{10, 0, 0, 2}), port)
				b.Route(to)
				b.Open()
				for i := range packets {
					write(t, c, to, packet(int(port)*100+i, 1160))
				}
				b.Flush()
			}
			if got := c.Stats(); got.Late == 0 || got.Full+got.Failed != 0 {
				t.Errorf("%+v", got)
			}
			d.answer(t)
			for port := uint16(1); port <= viewers; port++ {
				for i := range packets {
					got, p := d.udp(t)
					if want := packet(int(port)*100+i, 1160); got != port || !slices.Equal(p, want) {
						t.Fatalf("to %d: %d bytes %.8q…, want %.8q… to %d", got, len(p), p, want, port)
					}
				}
			}
			_ = c.Close() // waits for who counts
			if got := c.Stats(); got.Packets != viewers*packets || got.Full+got.Failed != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// TestMTU sends by a device whose packets are smaller than ours, which the
// kernel does not segment for.
func TestMTU(t *testing.T) {
	d, socket := newDevice(t, 600)
	c := wrap(t, socket)
	if Way(c.way.Load()) != Segmented {
		t.Skip("this kernel has no UDP_SEGMENT")
	}
	b := c.NewBatch()
	to := netip.MustParseAddrPort("10.0.0.2:1")
	b.Route(to)
	const rounds, packets = 2, 7
	for range rounds {
		b.Open()
		for i := range packets {
			write(t, c, to, packet(i, 1160))
		}
		b.Flush()
	}
	if got := c.Stats(); got.Unsegmented != 1 || got.Packets != rounds*packets || got.Full+got.Failed != 0 {
		t.Errorf("%+v", got)
	}
	d.answer(t)
	for range rounds * packets {
		d.next(t, typeIP) // in fragments, at least one each
	}
}
