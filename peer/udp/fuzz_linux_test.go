package udp

import (
	"encoding/binary"
	"net/netip"
	"slices"
	"testing"
	"unsafe"
)

// kernel is one that keeps what it is given, as the segments that it would send,
// and checks what the real one would refuse.
type kernel struct {
	t    *testing.T
	sent map[uint16][]string // by port
}

func (k *kernel) sendmmsg(_ int, messages []message) (int, error) {
	if len(messages) == 0 || len(messages) > maxMessages {
		k.t.Fatalf("%d messages", len(messages))
	}
	for i := range messages {
		header := &messages[i].header
		data := unsafe.Slice(header.Iov.Base, int(header.Iov.Len))
		segment := len(data)
		if header.Control != nil {
			c := unsafe.Slice(header.Control, int(header.Controllen))
			segment = int(binary.NativeEndian.Uint16(c[unsafe.Sizeof(control{}.header):]))
			if segment >= len(data) || len(data) > maxSegments*segment {
				k.t.Fatalf("%d bytes in segments of %d", len(data), segment)
			}
		}
		if len(data) == 0 || len(data) > maxRunBytes {
			k.t.Fatalf("%d bytes", len(data))
		}
		to := messagePort(&messages[i])
		for at := 0; at < len(data); at += segment {
			k.sent[to] = append(k.sent[to], string(data[at:min(at+segment, len(data))]))
		}
	}
	return len(messages), nil
}

// FuzzBatch holds what the kernel is told against what was written.
func FuzzBatch(f *testing.F) {
	f.Add([]byte("\x00\x90\x00\x90\x00\x90\x00\x50\x01\x90\x01\x90"))
	f.Add([]byte("\x00\x01\xff\xff\x02\x02\x02\x02\x02\x03\x00\x01"))
	f.Fuzz(func(t *testing.T, writes []byte) {
		c := open(t)
		if Way(c.way.Load()) != Segmented {
			t.Skip("this kernel has no UDP_SEGMENT")
		}
		k := &kernel{t, map[uint16][]string{}}
		c.system.sendmmsg = k.sendmmsg
		b := c.NewBatch()
		want := map[uint16][]string{}
		b.Open()
		for i := 0; i+1 < len(writes); i += 2 {
			// Four viewers, one of whom can have no segments, and sizes up to
			// 16 kB.
			to, size := netip.AddrPortFrom(families[0].receiver, uint16(writes[i]%4)+1), 1+int(writes[i+1])*int(1+writes[i]/4)
			if c.routes.find(to) == nil {
				b.Route(to).unsegmented.Store(to.Port() == 3)
			}
			p := packet(i, size)
			want[to.Port()] = append(want[to.Port()], string(p))
			write(t, c, to, p)
		}
		b.Flush()
		for to := range uint16(5) {
			if !slices.Equal(k.sent[to], want[to]) {
				t.Errorf("to %d: sent %.20q, want %.20q", to, k.sent[to], want[to])
			}
		}
	})
}
