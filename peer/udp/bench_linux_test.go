package udp

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkFiguresSend measures the sender's CPU time for each packet of a
// picture of 2 Mbit/s that goes to so many viewers on loopback: in each way, and
// as it is done by a net.UDPConn and no more.
func BenchmarkFiguresSend(b *testing.B) {
	for _, viewers := range []int{1, 20, 100} {
		b.Run(fmt.Sprintf("viewers=%d", viewers), func(b *testing.B) {
			r := newSendRig(b, viewers)
			times := map[string]time.Duration{}
			rounds := 0
			for b.Loop() {
				for way := Segmented; way <= Single; way++ {
					times[way.String()] += r.batched(b, way)
				}
				times["plain"] += r.plain(b)
				rounds++
			}
			packets := float64(rounds * viewers * picturePackets * 1000) // of which ns are us
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(times["plain"])/packets, "plain-us/packet")
			for way := Segmented; way <= Single; way++ {
				b.ReportMetric(float64(times[way.String()])/packets, way.String()+"-us/packet")
			}
			b.ReportMetric(float64(times[Segmented.String()])/float64(times["plain"]), "ratio")
		})
	}
}

const (
	picturePackets = 7
	pictureBytes   = 1160
)

type sendRig struct {
	conn    *Conn
	batch   *Batch
	viewers []netip.AddrPort
	packet  []byte
}

func newSendRig(b *testing.B, viewers int) *sendRig {
	r := &sendRig{conn: open(b), packet: packet(1, pictureBytes)}
	if way := Way(r.conn.way.Load()); way != Segmented {
		b.Skip("this kernel has no UDP_SEGMENT")
	}
	r.conn.SetBuffers(4 << 20)
	r.batch = r.conn.NewBatch()
	for range viewers {
		viewer := newReceiver(b, families[0].receiver)
		_ = viewer.SetReadDeadline(time.Time{})
		r.batch.Route(viewer.addr)
		r.viewers = append(r.viewers, viewer.addr)
		go drain(viewer.UDPConn) // until it is closed
	}
	return r
}

// drain reads, so that what is measured is a packet that arrives.
func drain(viewer *net.UDPConn) {
	p := make([]byte, 2000)
	for {
		if _, _, err := viewer.ReadFromUDPAddrPort(p); err != nil {
			return
		}
	}
}

func (r *sendRig) batched(b *testing.B, way Way) time.Duration {
	r.conn.way.Store(uint32(way))
	return cpu(b, func() {
		r.batch.Open()
		for _, viewer := range r.viewers {
			for range picturePackets {
				if _, err := r.conn.WriteToAddrPort(r.packet, viewer); err != nil {
					b.Fatal(err)
				}
			}
		}
		r.batch.Flush()
	})
}

func (r *sendRig) plain(b *testing.B) time.Duration {
	return cpu(b, func() {
		for _, viewer := range r.viewers {
			for range picturePackets {
				if _, err := r.conn.socket.WriteToUDPAddrPort(r.packet, viewer); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
}

// cpu is what f takes of this thread's time.
func cpu(b *testing.B, f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	now := func() time.Duration {
		var t unix.Timespec
		if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &t); err != nil {
			b.Fatal(err)
		}
		return time.Duration(t.Nano())
	}
	began := now()
	f()
	return now() - began
}
