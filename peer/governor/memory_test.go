package governor

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/pushcam/pushcam/capture"
)

func TestMemory(t *testing.T) {
	var m Memory
	now := time.Unix(1000, 0)
	phone, laptop := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")
	if got := m.Recall(phone, now); got != 0 {
		t.Errorf("of nothing, %v", got)
	}
	m.Remember(phone, 300*capture.Kbps, now)
	m.Remember(phone, 400*capture.Kbps, now.Add(time.Second))
	m.Remember(laptop, capture.Mbps, now)
	if got := m.Recall(phone, now.Add(time.Minute)); got != 400*capture.Kbps {
		t.Errorf("of the phone, %v", got)
	}
	if got := m.Recall(phone, now.Add(62*time.Second)); got != 0 {
		t.Errorf("of the phone after more than a minute, %v", got)
	}
	m.Forget(laptop)
	if got := m.Recall(laptop, now); got != 0 {
		t.Errorf("of what was to be forgotten, %v", got)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	var m Memory
	now := time.Unix(1000, 0)
	var address netip.Addr
	for i := range uint32(5 * memoryLength) {
		var b [4]byte
		binary.BigEndian.PutUint32(b[:], i)
		address = netip.AddrFrom4(b)
		m.Remember(address, capture.Mbps, now)
		now = now.Add(time.Millisecond)
	}
	if len(m.paths) > memoryLength {
		t.Errorf("%d addresses are remembered", len(m.paths))
	}
	if got := m.Recall(address, now); got != capture.Mbps {
		t.Errorf("of the last, %v", got)
	}
}
